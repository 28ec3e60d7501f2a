/** The frame of every page. */
import type { Child } from 'hono/jsx';
import type { Html } from '../html.ts';
import { SCRIPT_NAME } from '../assets/script.ts';
import { STYLE_NAME } from '../assets/style.ts';
import { paths } from '../site.ts';

interface PageProps {
  base: string;
  title: string;
  /** Which of the navigation's pages this is. */
  at?: 'traces' | 'usage';
  /** Reload after so many seconds where there is no script to do it. */
  refresh?: number;
  children?: Child;
}

export function Page({ base, title, at, refresh, children }: PageProps): Html {
  return (
    <html lang="en">
      <Head base={base} title={title} refresh={refresh} />
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <Top base={base} at={at} />
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <p id="status" class="visually-hidden" role="status" aria-live="polite"></p>
      </body>
    </html>
  );
}

function Head({ base, title, refresh }: Pick<PageProps, 'base' | 'title' | 'refresh'>): Html {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="referrer" content="no-referrer" />
      <title>{`${title} · Sluice`}</title>
      <link rel="icon" href={paths.asset(base, 'icon.svg')} type="image/svg+xml" />
      <link rel="stylesheet" href={paths.asset(base, STYLE_NAME)} />
      <script type="module" src={paths.asset(base, SCRIPT_NAME)}></script>
      {refresh === undefined ? null : (
        <noscript>
          <meta http-equiv="refresh" content={String(refresh)} />
        </noscript>
      )}
    </head>
  );
}

function Top({ base, at }: Pick<PageProps, 'base' | 'at'>): Html {
  return (
    <header class="top">
      <div>
        <a class="brand" href={paths.list(base)}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M2 3v10M14 3v10M2 5.5h12M2 8h8M2 10.5h12" />
          </svg>
          Sluice
        </a>
        <nav class="choice" aria-label="Pages">
          <a href={paths.list(base)} aria-current={at === 'traces' ? 'page' : undefined}>
            Traces
          </a>
          <a href={paths.usage(base)} aria-current={at === 'usage' ? 'page' : undefined}>
            Usage
          </a>
        </nav>
        <Jump base={base} />
      </div>
    </header>
  );
}

/** From an id that somebody has to what it is of. */
function Jump({ base }: { base: string }): Html {
  return (
    <form class="jump" method="get" action={paths.list(base)} role="search">
      <input
        type="search"
        name="id"
        aria-label="Trace id or request id"
        placeholder="Trace or request id"
        autocomplete="off"
        spellcheck={false}
      />
      <input type="hidden" name="range" value="all" />
    </form>
  );
}

/** Something that is not there, or went wrong, and what to do. */
export function Notice({ title, children }: { title: string; children?: Child }): Html {
  return (
    <section class="notice">
      <h1>{title}</h1>
      {children}
    </section>
  );
}
