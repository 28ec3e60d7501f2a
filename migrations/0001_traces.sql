-- Sluice storage format, version 1. docs/storage.md describes every column.

-- Both tables are keyed by trace id and have no rowid: ids that Sluice makes sort by
-- time, so the key itself gives newest-first pages, lookup and retention ranges, and a
-- row costs one written row instead of two.
CREATE TABLE traces (
  trace_id TEXT PRIMARY KEY,
  workflow TEXT NOT NULL,
  group_id TEXT,
  request_id TEXT,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  span_count INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  -- 0 where the id carries the trace's start, to a minute; 1 where it came from elsewhere
  -- (traceparent, withTrace) and so does not sort by time. The year 2100 bounds the keys
  -- that a list walks: nearly all random ids are above it.
  foreign_id INTEGER NOT NULL GENERATED ALWAYS AS (
    started_at >= 4102444800000
    OR trace_id < 'trace_' || printf('%012x', max(started_at - 60000, 0))
    OR trace_id > 'trace_' || printf('%012x', started_at + 60000) || 'g'
  ) VIRTUAL
) STRICT, WITHOUT ROWID;

CREATE INDEX traces_by_group ON traces (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX traces_by_request ON traces (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX traces_not_ok ON traces (status) WHERE status <> 'ok';
CREATE INDEX traces_foreign ON traces (started_at) WHERE foreign_id = 1;

-- `spans` is last: the columns before it are read without the pages that it fills.
CREATE TABLE chunks (
  trace_id TEXT NOT NULL,
  chunk_id TEXT NOT NULL,
  flush_id TEXT NOT NULL,
  flush_seq INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  group_id TEXT,
  request_id TEXT,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  span_count INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  refused TEXT,
  spans TEXT NOT NULL,
  PRIMARY KEY (trace_id, chunk_id)
) STRICT, WITHOUT ROWID;

-- Folds a new chunk into its trace. What adds up or is a bound is kept as it goes; what
-- one chunk decides is chosen among all of the trace's chunks, and only where the new one
-- can change the choice. Either way the row depends on the set of chunks and not on the
-- order in which they came. Statements of their own leave unchanged indexes unwritten.
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
    span_count, error_count, input_tokens, output_tokens, metadata
  ) VALUES (
    NEW.trace_id, NEW.workflow, NEW.group_id, NEW.request_id, NEW.status, NEW.started_at, NEW.ended_at,
    NEW.span_count, NEW.error_count, NEW.input_tokens, NEW.output_tokens, NEW.metadata
  )
  ON CONFLICT (trace_id) DO UPDATE SET
    ended_at = max(ended_at, NEW.ended_at),
    span_count = span_count + NEW.span_count,
    error_count = error_count + NEW.error_count,
    input_tokens = input_tokens + NEW.input_tokens,
    output_tokens = output_tokens + NEW.output_tokens;
END;

-- One row for each span record. A chunk that is not JSON has none.
CREATE VIEW spans AS
SELECT
  trace_id,
  span ->> '$.id' AS span_id,
  span ->> '$.parent_id' AS parent_id,
  coalesce(span ->> '$.facts.kind', span ->> '$.span_data.type') AS kind,
  coalesce(span ->> '$.facts.name', span ->> '$.span_data.name') AS name,
  CAST(round(unixepoch(span ->> '$.started_at', 'subsec') * 1000) AS INTEGER) AS started_at,
  CAST(round(unixepoch(span ->> '$.ended_at', 'subsec') * 1000) AS INTEGER) AS ended_at,
  span ->> '$.error.message' AS error,
  span -> '$.span_data' AS data,
  span -> '$.facts' AS facts,
  coalesce(span ->> '$.facts.truncated', 0) AS truncated,
  chunk_id
FROM (
  SELECT
    chunks.trace_id,
    chunks.chunk_id,
    CASE WHEN item.type = 'object' THEN item.value ELSE '{}' END AS span
  FROM chunks, json_each(CASE WHEN json_valid(chunks.spans) THEN chunks.spans ELSE '[]' END) AS item
);
