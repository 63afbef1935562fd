import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LastingSocket } from '../../../../web/src/lib/lasting-socket.ts';

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  static get newest(): FakeSocket {
    const newest = FakeSocket.made.at(-1);
    if (newest === undefined) throw new Error('No socket was made');
    return newest;
  }

  readonly protocols: string[];
  readonly sent: string[] = [];
  readyState = 0;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(_url: string, protocols: string[]) {
    this.protocols = protocols;
    FakeSocket.made.push(this);
  }

  send(text: string) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }

  say(text: string) {
    this.readyState = FakeSocket.OPEN;
    this.onmessage?.({ data: text });
  }

  end(code: number) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

async function openOne() {
  const heard: string[] = [];
  const live: boolean[] = [];
  const closes: [number, number][] = [];
  let protocol = 'first';
  const socket = new LastingSocket({
    url: 'ws://acme.test/live',
    protocols: async () => [protocol],
    onMessage: (text) => heard.push(text),
    onLive: (isLive) => live.push(isLive),
    shouldReturn: (code, failures) => {
      closes.push([code, failures]);
      return code !== 4401;
    },
  });
  await vi.advanceTimersByTimeAsync(0);
  return { socket, heard, live, closes, useProtocol: (next: string) => (protocol = next) };
}

beforeEach(() => {
  FakeSocket.made = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('A lasting socket', () => {
  it('is live from the first word on, and hands on what it hears', async () => {
    const { heard, live } = await openOne();
    expect(live).toEqual([]);
    FakeSocket.newest.say('one');
    FakeSocket.newest.say('two');
    expect([heard, live]).toEqual([['one', 'two'], [true]]);
  });

  it('comes back after a loss, with the protocols of that moment', async () => {
    const { live, useProtocol } = await openOne();
    FakeSocket.newest.say('one');
    useProtocol('second');
    FakeSocket.newest.end(1006);
    expect(live).toEqual([true, false]);
    expect(FakeSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.made).toHaveLength(2);
    expect(FakeSocket.newest.protocols).toEqual(['second']);
  });

  it('waits longer after each failure in a row, and forgets them once it is spoken to', async () => {
    const { closes } = await openOne();
    FakeSocket.newest.end(1006);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.newest.end(1006);
    await vi.advanceTimersByTimeAsync(499);
    expect(FakeSocket.made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(501);
    expect(FakeSocket.made).toHaveLength(3);
    FakeSocket.newest.say('here');
    FakeSocket.newest.end(1006);
    expect(closes.map(([, failures]) => failures)).toEqual([1, 2, 1]);
  });

  it('comes back at once when it is woken while it waits', async () => {
    const { socket } = await openOne();
    for (let failure = 0; failure < 8; failure += 1) {
      FakeSocket.newest.end(1006);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    FakeSocket.newest.end(1006);
    const before = FakeSocket.made.length;
    socket.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made).toHaveLength(before + 1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(FakeSocket.made, 'and not a second time').toHaveLength(before + 1);
  });

  it('stays away when it is told so', async () => {
    await openOne();
    FakeSocket.newest.say('one');
    FakeSocket.newest.end(4401);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('notices that nobody is there any more: a ping without an answer is a loss', async () => {
    const { live } = await openOne();
    FakeSocket.newest.say('one');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakeSocket.newest.sent).toEqual(['ping']);
    FakeSocket.newest.say('pong');
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(live).toEqual([true]);
    await vi.advanceTimersByTimeAsync(1);
    expect(live).toEqual([true, false]);
  });

  it('keeps its pings to itself', async () => {
    const { heard } = await openOne();
    FakeSocket.newest.say('one');
    FakeSocket.newest.say('pong');
    expect(heard).toEqual(['one']);
  });

  it('makes sure of its connection when it is woken', async () => {
    const { socket } = await openOne();
    FakeSocket.newest.say('one');
    socket.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.newest.sent).toEqual(['ping']);
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('gives up on a handshake that takes for ever', async () => {
    await openOne();
    await vi.advanceTimersByTimeAsync(5_000 + 500);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('hears no more of a connection it has dropped', async () => {
    const { socket, heard, live } = await openOne();
    const first = FakeSocket.newest;
    first.say('one');
    socket.drop();
    expect(live).toEqual([true, false]);
    first.say('two');
    first.end(1006);
    expect(heard).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('ends for good when it is closed, and says nothing more', async () => {
    const { socket, live, closes } = await openOne();
    FakeSocket.newest.say('one');
    socket.close();
    FakeSocket.newest.end(1000);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([FakeSocket.made.length, live, closes]).toEqual([1, [true], []]);
  });

  it('tries again when it gets no protocols, or waits too long for them', async () => {
    const answers = [Promise.reject(new Error('no ticket')), new Promise<string[]>(() => undefined)];
    const failures: number[] = [];
    new LastingSocket({
      url: 'ws://acme.test/live',
      protocols: () => answers.shift() ?? Promise.resolve(['third']),
      onMessage: () => undefined,
      onLive: () => undefined,
      shouldReturn: (_, count) => failures.push(count) > 0,
    });
    await vi.advanceTimersByTimeAsync(500 + 5_000 + 1_000);
    expect(failures).toEqual([1, 2]);
    expect(FakeSocket.made.map(({ protocols }) => protocols)).toEqual([['third']]);
  });

  it('opens nothing with protocols that come after it was closed', async () => {
    const protocols = Promise.withResolvers<string[]>();
    const socket = new LastingSocket({
      url: 'ws://acme.test/live',
      protocols: () => protocols.promise,
      onMessage: () => undefined,
      onLive: () => undefined,
      shouldReturn: () => true,
    });
    socket.close();
    protocols.resolve(['late']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toEqual([]);
  });
});
