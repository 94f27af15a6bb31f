const soon = 300; // ms: layouts settle

/** How high the pictures of the others are on this screen, in its pixels: the server sends none larger than there is room for. */
export class Sizes {
  private readonly heights = new Map<string, number>(); // by the leg of who is shown
  private timer?: ReturnType<typeof setTimeout>;

  /** tell gets all of them, soon after a change. */
  constructor(private readonly tell: (heights: Record<string, number>) => Promise<unknown>) {}

  /** Notes the height of somebody's picture in CSS pixels; undefined: it is shown no more. */
  note(leg: string, height: number | undefined): void {
    const pixels = height === undefined ? undefined : Math.max(1, Math.round(height * devicePixelRatio));
    if (this.heights.get(leg) === pixels) return;
    if (pixels === undefined) this.heights.delete(leg);
    else this.heights.set(leg, pixels);
    this.change();
  }

  /** Tells them once more: the server does not know them. */
  again(): void {
    if (this.heights.size > 0) this.change();
  }

  private change(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell(Object.fromEntries(this.heights)).catch(() => {}); // it sends the best it can, then
    }, soon);
  }
}
