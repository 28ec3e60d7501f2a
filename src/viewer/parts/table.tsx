/** Tables, of which each column says what it shows. */
import type { Child } from 'hono/jsx';
import type { Html } from '../html.ts';

export interface Column<Row> {
  title: string;
  /** Where the cells say enough to those who see them. */
  isTitleHidden?: boolean;
  /** Numbers stand at the right, so that their digits are below each other. */
  isNumber?: boolean;
  /** Names the row. */
  isName?: boolean;
  className?: string;
  cell: (row: Row) => Child;
}

interface TableProps<Row> {
  className: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** What stands below the rows. */
  children?: Child;
}

export function Table<Row>({ className, columns, rows, children }: TableProps<Row>): Html {
  return (
    <table class={className}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col" class={classOf(column)}>
              {column.isTitleHidden ? (
                <span class="visually-hidden">{column.title}</span>
              ) : (
                column.title
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {columns.map((column) => (
              <Cell column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
      {children}
    </table>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }): Html {
  const content = column.cell(row);
  return column.isName ? (
    <th scope="row" class={classOf(column)}>
      {content}
    </th>
  ) : (
    <td class={classOf(column)}>{content}</td>
  );
}

function classOf<Row>({ isNumber, className }: Column<Row>): string | undefined {
  return isNumber ? ['number', className].filter(Boolean).join(' ') : className;
}
