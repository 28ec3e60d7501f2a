/** What a command is told, and how it answers what it does not understand. */

/** Wrong usage: exit status 2, one line that says what to do. */
export class UsageError extends Error {}

export const HELP = `sluice <command>

Commands
  redact [FILE…]   Take credentials and personal data out of text and JSON

Options
  --help           This text, or that of a command
  --version        The version
`;

export const REDACT_HELP = `sluice redact [FILE…]

Reads the files, or standard input, and writes them without the credentials and
the personal data in them. What is JSON stays JSON.

  npx sluice redact < trace.json
  npx sluice redact --check src/fixtures/*.json

Options
  --lines             Each line by itself, as it comes: NDJSON and logs of any
                      length. A secret of several lines is not seen as one.
  --check             Write nothing; exit with 1 where anything was found
  --counts            Say on standard error what was found
  --action ACTION     mask (default), partial, hash or remove
  --key-env NAME      For hash: the environment variable that holds the key
  --without NAMES     Detectors or groups to leave out, as in --without ip,phone
  --help              This text

Exit status: 0 done, 1 --check found something, 2 wrong usage or a file that
cannot be read.
`;
