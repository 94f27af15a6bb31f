/** Which colleagues the page shows. The server is told soon after that changed, once for all: a list comes and goes at once. */
export class Shown {
  private readonly times = new Map<string, number>(); // how often each stands on the page
  private naming?: ReturnType<typeof setTimeout>;

  constructor(private readonly name: (users: string[]) => void) {}

  /** Counts a colleague in, until the returned function is called. */
  add(user: string): () => void {
    this.times.set(user, (this.times.get(user) ?? 0) + 1);
    this.soon();
    return () => {
      const times = this.times.get(user)! - 1;
      if (times > 0) this.times.set(user, times);
      else this.times.delete(user);
      this.soon();
    };
  }

  /** Names them to a server that has not been told. */
  again(): void {
    if (this.times.size > 0) this.soon();
  }

  private soon(): void {
    this.naming ??= setTimeout(() => {
      this.naming = undefined;
      this.name([...this.times.keys()].slice(0, most));
    }, 20);
  }
}

/** How many the server lets a tab show. */
const most = 2000;
