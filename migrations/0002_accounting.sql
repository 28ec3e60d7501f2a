-- Sluice storage format, version 2: what became of every span, day by day, and dead
-- letters. docs/storage.md describes every column. Rows of version 1 stay as they are:
-- what they do not say is null.

ALTER TABLE chunks ADD COLUMN captured INTEGER;
ALTER TABLE chunks ADD COLUMN dropped TEXT;
ALTER TABLE chunks ADD COLUMN sample_weight REAL;
ALTER TABLE chunks ADD COLUMN lost INTEGER;

ALTER TABLE traces ADD COLUMN captured INTEGER;
ALTER TABLE traces ADD COLUMN dropped TEXT;
ALTER TABLE traces ADD COLUMN accounted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE traces ADD COLUMN sample_weight REAL NOT NULL DEFAULT 1;
-- What each request says of this trace so far, [[request, reason, spans], …] with the
-- reason '' for captured: kept here since the chunks' own columns lie behind their spans.
-- Hands off; 'many' where there are too many requests to tell apart.
ALTER TABLE traces ADD COLUMN accounts TEXT;

CREATE TABLE daily_totals (
  day TEXT NOT NULL,
  workflow TEXT NOT NULL,
  traces INTEGER NOT NULL DEFAULT 0,
  traces_estimated REAL NOT NULL DEFAULT 0,
  spans INTEGER NOT NULL DEFAULT 0,
  spans_estimated REAL NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  input_tokens_estimated REAL NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens_estimated REAL NOT NULL DEFAULT 0,
  captured INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  dead_letters INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, workflow)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_drops (
  day TEXT NOT NULL,
  workflow TEXT NOT NULL,
  reason TEXT NOT NULL,
  spans INTEGER NOT NULL,
  PRIMARY KEY (day, workflow, reason)
) STRICT, WITHOUT ROWID;

-- `body` is last: the columns before it are read without the pages that it fills.
CREATE TABLE dead_letters (
  queue TEXT NOT NULL,
  message_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  owed_to TEXT NOT NULL,
  reason TEXT NOT NULL,
  cut INTEGER NOT NULL,
  body TEXT,
  PRIMARY KEY (queue, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letters_owed ON dead_letters (received_at) WHERE body IS NOT NULL;
CREATE INDEX dead_letters_by_time ON dead_letters (received_at);

-- What is stored already counts from the start: what moves below must have been counted.
INSERT INTO daily_totals (
  day, workflow, spans, spans_estimated, errors,
  input_tokens, input_tokens_estimated, output_tokens, output_tokens_estimated, captured
)
SELECT
  date(max(min(started_at, 253402300799999), 0) / 1000, 'unixepoch') AS day, workflow,
  sum(span_count), sum(span_count), sum(error_count),
  sum(input_tokens), sum(input_tokens), sum(output_tokens), sum(output_tokens), sum(span_count)
FROM chunks GROUP BY day, workflow;

INSERT INTO daily_totals (day, workflow, traces, traces_estimated)
SELECT
  date(max(min(started_at, 253402300799999), 0) / 1000, 'unixepoch') AS day, workflow,
  count(*), count(*)
FROM traces WHERE true GROUP BY day, workflow
ON CONFLICT (day, workflow) DO UPDATE SET
  traces = traces + excluded.traces,
  traces_estimated = traces_estimated + excluded.traces_estimated;

-- A trace counts on the day and under the workflow of its first request, and for its least
-- weight. The store counts it when its first chunk comes; this mends what a later one mends.
CREATE TRIGGER traces_move AFTER UPDATE OF workflow, started_at, sample_weight ON traces
WHEN OLD.workflow <> NEW.workflow OR OLD.started_at <> NEW.started_at OR OLD.sample_weight <> NEW.sample_weight
BEGIN
  INSERT INTO daily_totals (day, workflow, traces, traces_estimated)
  SELECT day, workflow, sum(traces), sum(weight) FROM (
    SELECT
      date(max(min(OLD.started_at, 253402300799999), 0) / 1000, 'unixepoch') AS day,
      OLD.workflow AS workflow, -1 AS traces, -OLD.sample_weight AS weight
    UNION ALL SELECT
      date(max(min(NEW.started_at, 253402300799999), 0) / 1000, 'unixepoch'),
      NEW.workflow, 1, NEW.sample_weight
  ) GROUP BY day, workflow HAVING sum(traces) <> 0 OR sum(weight) <> 0
  ON CONFLICT (day, workflow) DO UPDATE SET
    traces = traces + excluded.traces,
    traces_estimated = traces_estimated + excluded.traces_estimated;
END;

-- As in version 1, and the account: of each request the most that it has said, which
-- depends on no order either.
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
        SELECT json_array(coalesce(NEW.request_id, ''), '', NEW.captured) AS entry
        UNION ALL SELECT json_array(coalesce(NEW.request_id, ''), key, value) FROM json_each(NEW.dropped)
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
            CASE WHEN count(*) > 0 THEN json_group_array(json_array(request, reason, spans) ORDER BY request, reason) END AS entries,
            sum(spans) FILTER (WHERE reason = '') AS captured,
            json_group_object(reason, total ORDER BY reason) FILTER (WHERE reason <> '' AND nth = 1) AS dropped
          FROM (
            SELECT request, reason, max(spans) AS spans,
              sum(max(spans)) OVER (PARTITION BY reason) AS total,
              row_number() OVER (PARTITION BY reason ORDER BY request) AS nth
            FROM (
              SELECT value ->> 0 AS request, value ->> 1 AS reason, value ->> 2 AS spans
              FROM json_each(CASE WHEN traces.accounts <> 'many' THEN traces.accounts END)
              UNION ALL
              SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(excluded.accounts)
            )
            GROUP BY request, reason
          )
        )
      )
    );
END;
