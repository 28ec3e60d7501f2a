-- Sluice storage format, version 4: what a viewer asks for. docs/storage.md describes every
-- column. Rows of earlier versions stay as they are: what they do not say is null.

ALTER TABLE chunks ADD COLUMN tools TEXT;
ALTER TABLE chunks ADD COLUMN error_kinds TEXT;
-- Tokens by model, [[model, input, cached input, output, reasoning], …].
ALTER TABLE chunks ADD COLUMN models TEXT;
-- The version of the format that its writer knew, null before this one.
ALTER TABLE chunks ADD COLUMN version INTEGER;

ALTER TABLE traces ADD COLUMN tools TEXT;
ALTER TABLE traces ADD COLUMN error_kinds TEXT;
ALTER TABLE traces ADD COLUMN models TEXT;

-- Traces with ids from elsewhere are listed by their start; a group of them, and those that are
-- not ok, are found without passing over the others.
CREATE INDEX traces_foreign_by_group ON traces (group_id, started_at) WHERE foreign_id = 1 AND group_id IS NOT NULL;
CREATE INDEX traces_foreign_not_ok ON traces (status, started_at) WHERE foreign_id = 1 AND status <> 'ok';

-- Each hour, and each day, so that a month is read in as many rows as a day.
-- `statuses` and `durations` are JSON objects of estimated traces: by status, and by the
-- bucket round(4 * log2(ms + 1)) of their duration. So an hour of a workflow is one row,
-- and a write touches one, whatever its traces were like.
CREATE TABLE hourly_totals (
  hours INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  traces INTEGER NOT NULL,
  traces_estimated REAL NOT NULL,
  statuses TEXT NOT NULL,
  durations TEXT NOT NULL,
  PRIMARY KEY (hours, hour, workflow)
) STRICT, WITHOUT ROWID;

-- A chunk counts in the hour in which its request began.
CREATE TABLE hourly_tokens (
  hours INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  release TEXT NOT NULL,
  model_alias TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  PRIMARY KEY (hours, hour, workflow, release, model_alias, model)
) STRICT, WITHOUT ROWID;

-- What is stored already counts from the start: what moves below must have been counted.
INSERT INTO hourly_totals (hours, hour, workflow, traces, traces_estimated, statuses, durations)
WITH
  steps (hours) AS (VALUES (1), (24)),
  counted AS (
    SELECT hours, max(min(started_at, 253402300799999), 0) / 3600000 / hours * hours AS hour, workflow, status,
      CAST(CAST(round(4 * log2(max(ended_at - started_at, 0) + 1)) AS INTEGER) AS TEXT) AS bucket,
      count(*) AS traces, sum(sample_weight) AS weight
    FROM traces, steps GROUP BY 1, 2, 3, 4, 5
  ),
  by_status AS (SELECT hours, hour, workflow, status, sum(weight) AS weight FROM counted GROUP BY 1, 2, 3, 4),
  by_bucket AS (SELECT hours, hour, workflow, bucket, sum(weight) AS weight FROM counted GROUP BY 1, 2, 3, 4),
  statuses AS (
    SELECT hours, hour, workflow, json_group_object(status, weight) AS statuses FROM by_status GROUP BY 1, 2, 3
  ),
  durations AS (
    SELECT hours, hour, workflow, json_group_object(bucket, weight) AS durations FROM by_bucket GROUP BY 1, 2, 3
  )
SELECT hours, hour, workflow, sum(traces), sum(weight), statuses, durations
FROM counted JOIN statuses USING (hours, hour, workflow) JOIN durations USING (hours, hour, workflow)
GROUP BY hours, hour, workflow;

-- Of what is stored already nobody knows the model.
INSERT INTO hourly_tokens (
  hours, hour, workflow, release, model_alias, model, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens
)
SELECT hours, max(min(started_at, 253402300799999), 0) / 3600000 / hours * hours AS hour, workflow,
  coalesce(metadata ->> '$.release', '') AS release, coalesce(metadata ->> '$.model_alias', '') AS model_alias, '',
  sum(input_tokens), 0, sum(output_tokens), 0
FROM traces, (SELECT 1 AS hours UNION ALL SELECT 24)
WHERE input_tokens + output_tokens > 0 AND json_valid(metadata)
GROUP BY 1, 2, 3, 4, 5;

-- A trace counts in the hour and under the workflow of its first request, with its last status
-- and its whole duration. The store counts it when its first chunk comes; this mends what a
-- later one mends: one row where the trace stays in its hour, none where that looks the same.
CREATE TRIGGER traces_move_hour AFTER UPDATE OF workflow, status, started_at, ended_at, sample_weight ON traces
WHEN OLD.workflow <> NEW.workflow OR OLD.status <> NEW.status OR OLD.sample_weight <> NEW.sample_weight
  OR max(min(OLD.started_at, 253402300799999), 0) / 3600000 <> max(min(NEW.started_at, 253402300799999), 0) / 3600000
  OR round(4 * log2(max(OLD.ended_at - OLD.started_at, 0) + 1)) <> round(4 * log2(max(NEW.ended_at - NEW.started_at, 0) + 1))
BEGIN
  INSERT INTO hourly_totals (hours, hour, workflow, traces, traces_estimated, statuses, durations)
  SELECT
    hours, hour, workflow, sum(traces), sum(weight),
    json_group_object(status, weight), json_group_object(bucket, weight)
  FROM (
    SELECT
      hours, max(min(OLD.started_at, 253402300799999), 0) / 3600000 / hours * hours AS hour, OLD.workflow AS workflow,
      -1 AS traces, -OLD.sample_weight AS weight, OLD.status AS status,
      CAST(CAST(round(4 * log2(max(OLD.ended_at - OLD.started_at, 0) + 1)) AS INTEGER) AS TEXT) AS bucket
    FROM (SELECT 1 AS hours UNION ALL SELECT 24)
    UNION ALL SELECT
      hours, max(min(NEW.started_at, 253402300799999), 0) / 3600000 / hours * hours, NEW.workflow,
      1, NEW.sample_weight, NEW.status,
      CAST(CAST(round(4 * log2(max(NEW.ended_at - NEW.started_at, 0) + 1)) AS INTEGER) AS TEXT)
    FROM (SELECT 1 AS hours UNION ALL SELECT 24)
  )
  GROUP BY hours, hour, workflow
  HAVING sum(traces) <> 0 OR sum(weight) <> 0 OR count(DISTINCT status) > 1 OR count(DISTINCT bucket) > 1
  ON CONFLICT (hours, hour, workflow) DO UPDATE SET
    traces = traces + excluded.traces,
    traces_estimated = traces_estimated + excluded.traces_estimated,
    statuses = (
      SELECT json_group_object(key, n) FROM (
        SELECT key, sum(value) AS n FROM (
          SELECT key, value FROM json_each(hourly_totals.statuses) UNION ALL SELECT key, value FROM json_each(excluded.statuses)
        ) GROUP BY key HAVING sum(value) <> 0
      )
    ),
    durations = (
      SELECT json_group_object(key, n) FROM (
        SELECT key, sum(value) AS n FROM (
          SELECT key, value FROM json_each(hourly_totals.durations) UNION ALL SELECT key, value FROM json_each(excluded.durations)
        ) GROUP BY key HAVING sum(value) <> 0
      )
    );
END;

-- As in version 3, and the sets of tools and kinds of errors and the sums of tokens, which
-- depend on no order either: the least 64 of a union are those of all its parts.
DROP TRIGGER chunks_fold;
CREATE TRIGGER chunks_fold AFTER INSERT ON chunks
BEGIN
  -- What a package before this version goes on writing until the new one is deployed: it does not
  -- count in the hours itself, and what moves must have been counted.
  INSERT INTO hourly_totals (hours, hour, workflow, traces, traces_estimated, statuses, durations)
  SELECT
    hours, max(min(NEW.started_at, 253402300799999), 0) / 3600000 / hours * hours, NEW.workflow,
    1, coalesce(NEW.sample_weight, 1),
    json_object(NEW.status, coalesce(NEW.sample_weight, 1)),
    json_object(
      CAST(CAST(round(4 * log2(max(NEW.ended_at - NEW.started_at, 0) + 1)) AS INTEGER) AS TEXT),
      coalesce(NEW.sample_weight, 1)
    )
  FROM (SELECT 1 AS hours UNION ALL SELECT 24)
  WHERE NEW.version IS NULL AND NOT EXISTS (SELECT 1 FROM traces WHERE trace_id = NEW.trace_id)
  ON CONFLICT (hours, hour, workflow) DO UPDATE SET
    traces = traces + excluded.traces,
    traces_estimated = traces_estimated + excluded.traces_estimated,
    statuses = (
      SELECT json_group_object(key, n) FROM (
        SELECT key, sum(value) AS n FROM (
          SELECT key, value FROM json_each(hourly_totals.statuses) UNION ALL SELECT key, value FROM json_each(excluded.statuses)
        ) GROUP BY key HAVING sum(value) <> 0
      )
    ),
    durations = (
      SELECT json_group_object(key, n) FROM (
        SELECT key, sum(value) AS n FROM (
          SELECT key, value FROM json_each(hourly_totals.durations) UNION ALL SELECT key, value FROM json_each(excluded.durations)
        ) GROUP BY key HAVING sum(value) <> 0
      )
    );

  INSERT INTO hourly_tokens (
    hours, hour, workflow, release, model_alias, model, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens
  )
  SELECT
    hours, max(min(NEW.started_at, 253402300799999), 0) / 3600000 / hours * hours, NEW.workflow,
    coalesce(NEW.metadata ->> '$.release', ''), coalesce(NEW.metadata ->> '$.model_alias', ''), '',
    NEW.input_tokens, 0, NEW.output_tokens, 0
  FROM (SELECT 1 AS hours UNION ALL SELECT 24)
  WHERE NEW.version IS NULL AND NEW.input_tokens + NEW.output_tokens > 0
  ON CONFLICT (hours, hour, workflow, release, model_alias, model) DO UPDATE SET
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens;

  -- The last word decides, so that a trace that failed and was resumed well is well.
  -- With the end that comes with it, so that the trace moves in its hour once.
  UPDATE traces SET ended_at = NEW.ended_at, status = (
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
    captured, dropped, accounted, sample_weight, accounts, tools, error_kinds, models
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
    ) END,
    NEW.tools, NEW.error_kinds, NEW.models
  )
  ON CONFLICT (trace_id) DO UPDATE SET
    ended_at = max(ended_at, NEW.ended_at),
    span_count = span_count + NEW.span_count,
    error_count = error_count + NEW.error_count,
    input_tokens = input_tokens + NEW.input_tokens,
    output_tokens = output_tokens + NEW.output_tokens,
    accounted = accounted + excluded.accounted,
    sample_weight = min(sample_weight, excluded.sample_weight),
    tools = CASE WHEN excluded.tools IS NULL OR excluded.tools IS tools THEN tools ELSE (
      SELECT json_group_array(value) FROM (
        SELECT value FROM json_each(traces.tools) UNION SELECT value FROM json_each(excluded.tools)
        ORDER BY value LIMIT 64
      )
    ) END,
    error_kinds = CASE WHEN excluded.error_kinds IS NULL OR excluded.error_kinds IS error_kinds THEN error_kinds ELSE (
      SELECT json_group_array(value) FROM (
        SELECT value FROM json_each(traces.error_kinds) UNION SELECT value FROM json_each(excluded.error_kinds)
        ORDER BY value LIMIT 64
      )
    ) END,
    models = CASE WHEN excluded.models IS NULL THEN models ELSE (
      SELECT json_group_array(json_array(model, input, cached, output, reasoning)) FROM (
        SELECT value ->> 0 AS model, sum(value ->> 1) AS input, sum(value ->> 2) AS cached,
          sum(value ->> 3) AS output, sum(value ->> 4) AS reasoning
        FROM (SELECT value FROM json_each(traces.models) UNION ALL SELECT value FROM json_each(excluded.models))
        GROUP BY model ORDER BY model LIMIT 64
      )
    ) END,
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
