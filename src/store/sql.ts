/** The little of a database that the store needs, so that D1 and a Durable Object's SQLite can share the rest. */

/** A value that a parameter or a column may have. */
export type SqlValue = string | number | null;

/** A statement with numbered parameters, `?1` first. */
export interface SqlStatement {
  sql: string;
  params: readonly SqlValue[];
}

/** A row by column name. What is stored may come from elsewhere, so nothing of it is taken for granted. */
export type SqlRow = Record<string, unknown>;

export interface SqlDatabase {
  /**
   * Runs statements in one transaction.
   *
   * @returns the rows of each
   * @throws SluiceError `missing_schema` or `store_failed`
   */
  run(statements: readonly SqlStatement[]): Promise<SqlRow[][]>;
}
