/** What of a trace is drawn: what matches, from where, and how near. */
import { counted } from '../../format.ts';
import type { Html } from '../../html.ts';
import { viewSearch } from '../../reduce.ts';
import type { View } from '../../reduce.ts';
import { paths } from '../../site.ts';

interface ToolsProps {
  base: string;
  traceId: string;
  view: View;
  /** How many spans match, where the view asks for a match. */
  matched: number;
}

export function Tools(props: ToolsProps): Html {
  const { base, traceId } = props;
  return (
    <div class="tools">
      <Match {...props} />
      <From {...props} />
      <span class="grow"></span>
      <Zoom />
      <a class="button" href={paths.exportTrace(base, traceId)} download>
        Export NDJSON
      </a>
    </div>
  );
}

function Match({ base, traceId, view, matched }: ToolsProps): Html {
  return (
    <>
      <form method="get" action={paths.trace(base, traceId)} role="search">
        <input
          type="search"
          name="match"
          value={view.match?.toWellFormed()}
          placeholder="Only what matches"
          aria-label="Only spans that match"
        />
        {view.from === undefined ? null : (
          <input type="hidden" name="from" value={view.from.toWellFormed()} />
        )}
      </form>
      {view.match === undefined ? null : (
        <>
          <span class="dim">
            {counted(matched, 'span')} {matched === 1 ? 'matches' : 'match'}
          </span>
          <a href={paths.trace(base, traceId, viewSearch(view, { match: undefined }))}>all</a>
        </>
      )}
    </>
  );
}

function From({ base, traceId, view }: ToolsProps): Html {
  const { from, selected } = view;
  const address = (start: string | undefined): string =>
    paths.trace(base, traceId, viewSearch(view, { from: start }));
  return (
    <>
      {from === undefined ? null : (
        <a class="button" href={address(undefined)}>
          Whole trace
        </a>
      )}
      {selected === undefined || from === selected ? null : (
        <a class="button" href={address(selected)}>
          From this span
        </a>
      )}
    </>
  );
}

/** Without the script there is no zooming, so the script shows it. */
function Zoom(): Html {
  return (
    <span class="zoom" data-zoom-tools hidden>
      <button type="button" data-zoom-by="0.5" aria-label="Zoom in" title="Zoom in (+)">
        +
      </button>
      <button type="button" data-zoom-by="2" aria-label="Zoom out" title="Zoom out (−)">
        −
      </button>
      <button type="button" data-zoom-reset title="Whole time (0)">
        Whole time
      </button>
    </span>
  );
}
