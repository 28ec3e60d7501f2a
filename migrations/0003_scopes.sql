-- Sluice storage format, version 3: what was captured is told apart by who captured it.
-- docs/storage.md describes every column.

-- Two services that were forwarded one trace id and one request id, or two calls in one
-- request, each say what they have captured; by the request alone the greater hid the other.
ALTER TABLE chunks ADD COLUMN scope_id TEXT;

-- As in version 2, with accounts of [[request, reason, spans, scope], …], the scope '' where
-- a producer, or a consumer of version 2, does not say it. Such an entry may be a part of what
-- a scope of the same request says elsewhere, so the greater counts of it and of their sum: that
-- can hide a loss while both versions write, and never makes one up.
DROP TRIGGER chunks_fold;
CREATE TRIGGER chunks_fold AFTER INSERT ON chunks
BEGIN
  -- The last word decides, so that a trace that failed and was resumed well is well.
  UPDATE traces SET status = (
    SELECT status FROM chunks WHERE trace_id = NEW.trace_id
    ORDER BY ended_at DESC, flush_seq DESC, flush_id DESC, chunk_id DESC LIMIT 1
  )
  WHERE trace_id = NEW.trace_id AND status <> NEW.status AND NEW.ended_at >= ended_at;

  -- Who a trace is, the first one to know decides.
  UPDATE traces SET workflow = (
    SELECT workflow FROM chunks WHERE trace_id = NEW.trace_id
    ORDER BY started_at, flush_id, chunk_id LIMIT 1
  )
  WHERE trace_id = NEW.trace_id AND workflow <> NEW.workflow AND NEW.started_at <= started_at;

  UPDATE traces SET group_id = (
    SELECT group_id FROM chunks WHERE trace_id = NEW.trace_id AND group_id IS NOT NULL
    ORDER BY started_at, flush_id, chunk_id LIMIT 1
  )
  WHERE trace_id = NEW.trace_id AND NEW.group_id IS NOT NULL AND group_id IS NOT NEW.group_id;

  UPDATE traces SET request_id = (
    SELECT request_id FROM chunks WHERE trace_id = NEW.trace_id AND request_id IS NOT NULL
    ORDER BY started_at, flush_id, chunk_id LIMIT 1
  )
  WHERE trace_id = NEW.trace_id AND NEW.request_id IS NOT NULL AND request_id IS NOT NEW.request_id;

  -- The last word on each key, whichever chunk has it.
  UPDATE traces SET metadata = (
    SELECT json_group_object(key, value ORDER BY key) FROM (
      SELECT entry.key, entry.value, row_number() OVER (
        PARTITION BY entry.key
        ORDER BY chunks.ended_at DESC, chunks.flush_seq DESC, chunks.flush_id DESC, chunks.chunk_id DESC
      ) AS age
      FROM chunks, json_each(chunks.metadata) AS entry
      WHERE chunks.trace_id = NEW.trace_id
    ) WHERE age = 1
  )
  WHERE trace_id = NEW.trace_id AND metadata <> NEW.metadata;

  UPDATE traces SET started_at = NEW.started_at
  WHERE trace_id = NEW.trace_id AND NEW.started_at < started_at;

  INSERT INTO traces (
    trace_id, workflow, group_id, request_id, status, started_at, ended_at,
    span_count, error_count, input_tokens, output_tokens, metadata,
    captured, dropped, accounted, sample_weight, accounts
  ) VALUES (
    NEW.trace_id, NEW.workflow, NEW.group_id, NEW.request_id, NEW.status, NEW.started_at, NEW.ended_at,
    NEW.span_count, NEW.error_count, NEW.input_tokens, NEW.output_tokens, NEW.metadata,
    NEW.captured, CASE WHEN NEW.captured IS NOT NULL THEN coalesce(NEW.dropped, '{}') END,
    CASE WHEN NEW.captured IS NOT NULL THEN NEW.span_count ELSE 0 END,
    coalesce(NEW.sample_weight, 1),
    CASE WHEN NEW.captured IS NOT NULL THEN (
      SELECT json_group_array(json(entry)) FROM (
        SELECT json_array(coalesce(NEW.request_id, ''), '', NEW.captured, coalesce(NEW.scope_id, '')) AS entry
        UNION ALL SELECT json_array(coalesce(NEW.request_id, ''), key, value, coalesce(NEW.scope_id, ''))
        FROM json_each(NEW.dropped)
      )
    ) END
  )
  ON CONFLICT (trace_id) DO UPDATE SET
    ended_at = max(ended_at, NEW.ended_at),
    span_count = span_count + NEW.span_count,
    error_count = error_count + NEW.error_count,
    input_tokens = input_tokens + NEW.input_tokens,
    output_tokens = output_tokens + NEW.output_tokens,
    accounted = accounted + excluded.accounted,
    sample_weight = min(sample_weight, excluded.sample_weight),
    (accounts, captured, dropped) = (
      SELECT
        CASE WHEN is_full THEN 'many' ELSE entries END,
        CASE WHEN NOT is_full THEN captured END,
        CASE WHEN NOT is_full THEN dropped END
      FROM (
        SELECT
          entries, captured, CASE WHEN captured IS NOT NULL THEN dropped END AS dropped,
          traces.accounts IS 'many' OR length(entries) > 64000 AS is_full
        FROM (
          SELECT
            '[' || group_concat(part, ',' ORDER BY reason) || ']' AS entries,
            sum(counted) FILTER (WHERE reason = '') AS captured,
            json_group_object(reason, counted ORDER BY reason) FILTER (WHERE reason <> '') AS dropped
          FROM (
            SELECT reason, sum(counted) AS counted, group_concat(part, ',' ORDER BY request) AS part
            FROM (
              SELECT request, reason,
                max(
                  coalesce(sum(spans) FILTER (WHERE scope <> ''), 0),
                  coalesce(max(spans) FILTER (WHERE scope = ''), 0)
                ) AS counted,
                group_concat(json_array(request, reason, spans, scope), ',' ORDER BY scope) AS part
              FROM (
                SELECT request, reason, scope, max(spans) AS spans
                FROM (
                  SELECT value ->> 0 AS request, value ->> 1 AS reason, value ->> 2 AS spans,
                    coalesce(value ->> 3, '') AS scope
                  FROM json_each(CASE WHEN traces.accounts <> 'many' THEN traces.accounts END)
                  UNION ALL
                  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(excluded.accounts)
                )
                GROUP BY request, reason, scope
              )
              GROUP BY request, reason
            )
            GROUP BY reason
          )
        )
      )
    );
END;
