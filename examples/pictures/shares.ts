/** A drawing of which elements share statistics: samples are columns, channels rows, pixels cells. */

const [N, C, H, W] = [4, 3, 3, 4];
const CELL = 5;
const GAP = 4;
const LEFT = 10;
const TOP = 10;

export function drawShares(shares: readonly number[]): string {
  const chosen = [0, 0, 1, 2];
  const cells: string[] = [];
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let h = 0; h < H; h++) {
        for (let w = 0; w < W; w++) {
          const place = [n, c, h, w];
          const same = place.every((index, axis) => shares.includes(axis) || index === chosen[axis]);
          const isChosen = place.every((index, axis) => index === chosen[axis]);
          const x = LEFT + n * (W * CELL + GAP) + w * CELL;
          const y = TOP + c * (H * CELL + GAP) + h * CELL;
          const kind = `${same ? 'same' : ''}${isChosen ? ' chosen' : ''}`;
          cells.push(`<rect class="${kind}" x="${x}" y="${y}" width="${CELL - 1}" height="${CELL - 1}" rx="1"/>`);
        }
      }
    }
  }
  const width = LEFT + N * (W * CELL + GAP);
  const height = TOP + C * (H * CELL + GAP);
  const names = ['N', 'C', 'H', 'W'].filter((_, axis) => shares.includes(axis)).join(', ');
  return `<svg class="shares" viewBox="0 0 ${width} ${height}" role="img" aria-label="Statistics are shared over ${names}">
    <text x="${LEFT}" y="7">N →</text><text x="0" y="${TOP + 8}">C</text><text x="1" y="${TOP + 17}">↓</text>${cells.join('')}</svg>`;
}
