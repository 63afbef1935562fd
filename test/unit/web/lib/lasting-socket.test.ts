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

function openOne() {
  const heard: string[] = [];
  const live: boolean[] = [];
  const closes: [number, number][] = [];
  let protocol = 'first';
  const socket = new LastingSocket({
    url: 'ws://acme.test/live',
    protocols: () => [protocol],
    onMessage: (text) => heard.push(text),
    onLive: (isLive) => live.push(isLive),
    shouldReturn: (code, failures) => {
      closes.push([code, failures]);
      return code !== 4401;
    },
  });
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
  it('is live from the first word on, and hands on what it hears', () => {
    const { heard, live } = openOne();
    expect(live).toEqual([]);
    FakeSocket.newest.say('one');
    FakeSocket.newest.say('two');
    expect([heard, live]).toEqual([['one', 'two'], [true]]);
  });

  it('comes back after a loss, with the protocols of that moment', () => {
    const { live, useProtocol } = openOne();
    FakeSocket.newest.say('one');
    useProtocol('second');
    FakeSocket.newest.end(1006);
    expect(live).toEqual([true, false]);
    expect(FakeSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.made).toHaveLength(2);
    expect(FakeSocket.newest.protocols).toEqual(['second']);
  });

  it('waits longer after each failure in a row, and forgets them once it is spoken to', () => {
    const { closes } = openOne();
    FakeSocket.newest.end(1006);
    vi.advanceTimersByTime(500);
    FakeSocket.newest.end(1006);
    vi.advanceTimersByTime(499);
    expect(FakeSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(501);
    expect(FakeSocket.made).toHaveLength(3);
    FakeSocket.newest.say('here');
    FakeSocket.newest.end(1006);
    expect(closes.map(([, failures]) => failures)).toEqual([1, 2, 1]);
  });

  it('comes back at once when it is woken while it waits', () => {
    const { socket } = openOne();
    for (let failure = 0; failure < 8; failure += 1) {
      FakeSocket.newest.end(1006);
      vi.advanceTimersByTime(30_000);
    }
    FakeSocket.newest.end(1006);
    const before = FakeSocket.made.length;
    socket.wake();
    expect(FakeSocket.made).toHaveLength(before + 1);
    vi.advanceTimersByTime(4_000);
    expect(FakeSocket.made, 'and not a second time').toHaveLength(before + 1);
  });

  it('stays away when it is told so', () => {
    openOne();
    FakeSocket.newest.say('one');
    FakeSocket.newest.end(4401);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('notices that nobody is there any more: a ping without an answer is a loss', () => {
    const { live } = openOne();
    FakeSocket.newest.say('one');
    vi.advanceTimersByTime(30_000);
    expect(FakeSocket.newest.sent).toEqual(['ping']);
    FakeSocket.newest.say('pong');
    vi.advanceTimersByTime(30_000);
    vi.advanceTimersByTime(4_999);
    expect(live).toEqual([true]);
    vi.advanceTimersByTime(1);
    expect(live).toEqual([true, false]);
  });

  it('keeps its pings to itself', () => {
    const { heard } = openOne();
    FakeSocket.newest.say('one');
    FakeSocket.newest.say('pong');
    expect(heard).toEqual(['one']);
  });

  it('makes sure of its connection when it is woken', () => {
    const { socket } = openOne();
    FakeSocket.newest.say('one');
    socket.wake();
    expect(FakeSocket.newest.sent).toEqual(['ping']);
    expect(FakeSocket.made).toHaveLength(1);
  });

  it('gives up on a handshake that takes for ever', () => {
    openOne();
    vi.advanceTimersByTime(5_000 + 500);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('hears no more of a connection it has dropped', () => {
    const { socket, heard, live } = openOne();
    const first = FakeSocket.newest;
    first.say('one');
    socket.drop();
    expect(live).toEqual([true, false]);
    first.say('two');
    first.end(1006);
    expect(heard).toEqual(['one']);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('ends for good when it is closed, and says nothing more', () => {
    const { socket, live, closes } = openOne();
    FakeSocket.newest.say('one');
    socket.close();
    FakeSocket.newest.end(1000);
    vi.advanceTimersByTime(600_000);
    expect([FakeSocket.made.length, live, closes]).toEqual([1, [true], []]);
  });
});
