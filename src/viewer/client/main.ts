/** What the pages do beyond reading: collapse, keys, zoom, copy, live lists. Without it all of them can be read. */
import { setUpCompare } from './compare.ts';
import { setUpCopy } from './copy.ts';
import { setUpLive } from './live.ts';
import { setUpTree } from './tree.ts';
import { setUpZoom } from './zoom.ts';

const tree = document.querySelector<HTMLTableElement>('table.waterfall');
if (tree) {
  setUpTree(tree);
  setUpZoom(tree);
}
setUpCopy();
setUpLive();
setUpCompare();
