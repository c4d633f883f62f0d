#!/usr/bin/env python3
"""Fences on top of replication.py: what one thread of one node commits while nobody else does.

usage: fences.py [HISTORIES] [SEED]
       fences.py mutants [HISTORIES] [SEED]

A fence is a state of the stream's prefix: opened by a message OPEN (its sequence is the fence's number) unless one is
open, over with a message END that names it. A transaction of its holder carries the number and takes effect only while
that fence is open at its place. Anybody may publish END, whenever it believes that the holder is gone: here at any time,
rightly or not, which is what clocks that differ, freezes and partitions can come to.

Checked, beside what replication.py checks: nodes agree about the fence; transactions of different fences never mix, and
none takes effect after the end of its fence; what the holder was told is committed is, at its place within the fence; a
node that knows of an open fence publishes nothing else; in the end no fence stays open.
"""
import contextlib
import json
import random
import sqlite3
import sys
import types
import pathlib

import replication
from replication import InDoubt, Refused, statements

replication.SCHEMA += "CREATE TABLE ha_fence(f, token);"

class Stream(replication.Stream):
    def store(self, message, expected):
        if message["txs"]:
            return super().store(message, expected)
        if message["id"] not in self.window:                       # OPEN and END have no number: a repeat does no harm
            self.log.append(message)
            self.window[message["id"]] = len(self.log)
        return self.window[message["id"]]

class Under:
    """The stream for who holds a fence: all that is published carries its number."""

    def __init__(self, stream, fence): self.stream, self.fence = stream, fence
    def __getattr__(self, name): return getattr(self.stream, name)
    def publish(self, rnd, message, expected=None):
        return self.stream.publish(rnd, message | {"fence": self.fence}, expected)

class Node(replication.Node):
    token = None                                                   # what this process holds or asked for; lost with it
    control = 0

    def start(self, image):
        super().start(image)
        self.token, self.unsure, self.stragglers = None, set(), 0

    @property
    def fence(self):
        return self.one("SELECT f, token FROM ha_fence")

    def holds(self):
        return bool(self.fence and self.token and self.fence[1] == self.token)

    # --- what is published about fences: past the outbox, so that it never waits for what waits for a fence -----------
    def say(self, rnd, stream, **message):
        Node.control += 1
        with contextlib.suppress(InDoubt):
            stream.publish(rnd, {"origin": self.origin, "txs": [], "id": Node.control} | message)

    def open(self, rnd, stream):
        if self.fence or self.token: return "not free"
        self.token = f"{self.origin} {rnd.random()}"
        self.say(rnd, stream, open=self.token)

    def end(self, rnd, stream):
        if not self.token: return "not mine"
        if self.holds(): self.say(rnd, stream, end=self.fence[0])
        self.token = None                                          # whether or not it arrives: an orphan is ended by others

    def notice(self, rnd, stream):
        if self.fence: self.say(rnd, stream, end=self.fence[0])

    # --- writers ----------------------------------------------------------------------------------------------------
    def write(self, sql, sync, rnd, stream):
        changes_schema = any(s.split()[0] in ("ALTER", "CREATE", "DROP") for s in sql)
        if self.fence and (sync or changes_schema or self.holds()):
            return "held"                                          # an asynchronous node goes on, and keeps it to itself
        return super().write(sql, sync, rnd, stream)

    def write_fenced(self, sql, rnd, stream):
        if not self.holds(): return "over"
        said = super().write(sql, True, rnd, Under(stream, self.fence[0]))
        if said.startswith("committed in the stream"):             # others came first, an END perhaps: apply tells
            self.promised.discard((self.origin, self.n))
            self.unsure.add((self.origin, self.n))
        return said

    def relay(self, rnd, stream):
        if self.fence and not self.holds(): return False
        # What waits was committed before the fence, and not under it: it takes effect whatever becomes of the fence.
        return super().relay(rnd, stream.stream if isinstance(stream, Under) else stream)

    # --- apply ------------------------------------------------------------------------------------------------------
    def apply_fence(self, q, message):
        if "open" in message and not self.fence:
            self.db.execute("INSERT INTO ha_fence VALUES(?,?)", (q, message["open"]))
        if "end" in message:
            self.db.execute("DELETE FROM ha_fence WHERE f=?", (message["end"],))

    def is_over(self, message):
        return "fence" in message and (not self.fence or self.fence[0] != message["fence"])

    def deliver(self, stream, limit=1):
        if self.position + 1 < stream.first: self.restore(stream)
        if not stream.after(self.position): return False
        with self.applying():
            undone = False
            for q, message in stream.after(self.position)[:limit]:
                self.apply_fence(q, message)
                for n, changes in message["txs"]:
                    if self.repeated(message["origin"], n): continue
                    self.mark(message["origin"], n)
                    if self.is_over(message): continue
                    head = self.one("SELECT origin, n, i FROM ha_outbox ORDER BY i LIMIT 1")
                    mine = head and head[:2] == (message["origin"], n)
                    assert mine or not self.one("SELECT 1 FROM ha_outbox WHERE origin=? AND n<=?", message["origin"], n), "overtaken"
                    if not mine and not undone and self.one("SELECT 1 FROM ha_outbox") and self.overlaps(changes):
                        self.undo_pending()
                        self.rebases, undone = self.rebases + 1, True
                    if undone or not mine: self.apply(changes)
                    if mine: self.db.execute("DELETE FROM ha_outbox WHERE i=?", (head[2],))
                    if (message["origin"], n) in self.unsure: self.promised.add((message["origin"], n))
                self.db.execute("UPDATE ha_stats SET position=?, last=?", (q, q))
            if undone: self.redo_pending()
        return True

    def rows(self):
        return super().rows() | {"fence": [self.fence]}

replication.Node = Node

def judged(log):
    """The stream with repeats and what fences forbid taken out, found independently of the nodes."""
    result, fence, last = [], None, None
    for q, message in enumerate(replication.once(log), 1):
        said = log[q - 1] or {}
        if "open" in said and fence is None: fence = q
        if said.get("end") == fence: fence = None
        if message and message["txs"] and "fence" in said:
            if said["fence"] != fence: message = message | {"txs": [(n, []) for n, _ in message["txs"]], "void": True}
            else:
                assert last is None or last <= fence, "transactions of two fences mix"
                last = fence
        result.append(message and message | {k: said[k] for k in ("open", "end") if k in said})
    return result

def effective(stream):
    return {(m["origin"], n) for m in judged(stream.log) if m and "void" not in m for n, _ in m["txs"]}

def run(steps, trace=False):
    stream, nodes = Stream(), [Node(f"node{i}") for i in range(3)]
    def replica(until):
        fresh, full = Node("fresh"), Stream()
        full.log = judged(stream.log[:until])
        while fresh.deliver(full, 50): pass
        return fresh
    def store(message, expected, store=stream.store):
        sender = next(n for n in nodes if n.name == message["origin"].split("/")[0])
        if message["txs"] and sender.fence and "fence" not in message and not sender.holds() and not late[0]:
            raise AssertionError("published although a fence is known to be open")
        return store(message, expected)
    late = [False]                                                 # what was sent before may arrive at any time
    def arrive_late(rnd, arrive=stream.arrive_late):
        late[0] = True
        arrive(rnd)
        late[0] = False
    stream.store, stream.arrive_late = store, arrive_late
    try:
        for at, (kind, who, seed) in enumerate(steps):
            node, rnd, said = nodes[who], random.Random(seed), ""
            if kind in ("async", "sync", "fenced"):
                sql = statements(rnd, node, seed)
                said = node.write_fenced(sql, rnd, stream) if kind == "fenced" else node.write(sql, kind == "sync", rnd, stream)
                said = f"{sql} -> {said}"
            elif kind in ("open", "end", "notice"): said = getattr(node, kind)(rnd, stream)
            elif kind == "relay": said = node.relay(rnd, stream)
            elif kind == "deliver": said = node.deliver(stream, rnd.randint(1, 4))
            elif kind == "advance": node.advance(stream, rnd)
            elif kind == "power": node.lose_power(rnd.randint(0, 3), stream)
            elif kind == "late": stream.arrive_late(rnd)
            elif kind == "other": stream.log.append(None)
            elif kind == "forget": stream.window.clear()
            elif kind == "expire": stream.first = max(stream.first, (stream.snapshot or [0])[0] + 1 - rnd.choice([0, 0, 2]))
            elif kind == "snapshot" and node.position + 1 >= stream.first:
                copy = node.confirmed()
                if copy.rows() != replica(copy.position).rows(): return "snapshot is not the confirmed state"
                if copy.position >= (stream.snapshot or [0])[0]: stream.snapshot = (copy.position, copy.db.serialize())
            if trace: print(f"  {at}: {kind} {node.name} {said} | stream {len(stream.log)}, position {node.position}, fence {node.fence}")
        for _ in range(1000):
            while stream.late: stream.arrive_late(random.Random(1))
            for n in nodes: n.end(random.Random(3), stream); n.notice(random.Random(4), stream)
            for n in nodes: [n.relay(random.Random(r), stream) for r in range(3)]
            if not any([n.deliver(stream, 3) for n in nodes]) and not any(n.unpublished() or n.fence for n in nodes): break
        fresh = replica(len(stream.log))
        for n in nodes:
            if n.fence: return f"{n.name}: a fence stays open"
            if n.pending(): return f"{n.name}: a pending transaction never came back"
            if n.rows() != fresh.rows(): return f"{n.name} differs from the stream"
            if not n.promised <= effective(stream): return f"{n.name}: lost {n.promised - effective(stream)}"
    except (AssertionError, sqlite3.Error) as e:
        return f"{type(e).__name__}: {e}"
    return None

KINDS = replication.KINDS + ["open"] * 10 + ["fenced"] * 24 + ["end"] * 4 + ["notice"] * 4

def history(seed):
    rnd = random.Random(seed)
    return [(rnd.choice(KINDS), rnd.randrange(3), rnd.randrange(10**6)) for _ in range(rnd.randint(15, 120))]

MUTANTS = {
    "apply does not look at the fence": ("if self.is_over(message): continue", "pass"),
    "holder commits in place without looking whether it still holds": ('        if not self.holds(): return "over"\n        said = super().write(sql, True, rnd, Under(stream, self.fence[0]))',
        '        if self.holds(): self.number = self.fence[0]\n        if not self.token or not hasattr(self, "number"): return "over"\n        said = super().write(sql, True, rnd, Under(stream, self.number))'),
    "told committed although an END may have come first": ("            self.promised.discard((self.origin, self.n))\n", ""),
    "a second OPEN takes over": ('if "open" in message and not self.fence:', 'if "open" in message:\n            self.db.execute("DELETE FROM ha_fence")'),
    "END ends whatever is open": ('"DELETE FROM ha_fence WHERE f=?", (message["end"],)', '"DELETE FROM ha_fence"'),
    "each node decides itself that a fence has expired": ("        if self.fence: self.say(rnd, stream, end=self.fence[0])", '        self.db.execute("DELETE FROM ha_fence")'),
    "snapshots are without the fence": ("    def rows(self):", '    def restore(self, stream):\n        super().restore(stream)\n        self.db.execute("DELETE FROM ha_fence")\n\n    def rows(self):'),
    "fenced transactions wait in the outbox": ("super().write(sql, True, rnd, Under", "super().write(sql, rnd.random() < .5, rnd, Under"),
    "holder is known by its node, not by its process": ("self.fence[1] == self.token)", "self.fence[1].split('/')[0] == self.name)"),
    "writers are not held": ("if self.fence and (sync or", "if self.fence and False and (sync or"),
    "the relay is not held": ("if self.fence and not self.holds(): return False", "pass"),
    "END waits behind what is pending": ("        if self.fence: self.say(", "        if self.fence and not self.pending(): self.say("),
}

def mutants(count, first):
    source = pathlib.Path(__file__).read_text()
    for name, (rule, broken) in MUTANTS.items():
        assert source.count(rule) >= 1, f"not in the model any more: {name}"
        replication.SCHEMA = replication.SCHEMA.replace("CREATE TABLE ha_fence(f, token);", "")
        importlib_reload()
        mutant = types.ModuleType("mutant")
        mutant.__file__ = __file__
        exec(compile(source.replace(rule, broken, 1), name, "exec"), mutant.__dict__)
        noticed = []
        for seed in range(first, first + count):
            try:
                wrong = mutant.run(mutant.history(seed))
            except Exception as e:                                 # the mutant may break the model itself
                wrong = repr(e)
            if wrong: noticed.append((seed, wrong))
        print(f"{len(noticed):4} of {count}  {name}" + (f"   e.g. seed {noticed[0][0]}: {noticed[0][1][:90]}" if noticed else "   (survives)"), flush=True)

def importlib_reload():
    import importlib
    importlib.reload(replication)

def shrink(steps):
    size = max(1, len(steps) // 2)
    while size:
        i, removed = 0, False
        while i < len(steps):
            shorter = steps[:i] + steps[i + size:]
            if run(shorter): steps, removed = shorter, True
            else: i += size
        size = size if removed and size == 1 else size // 2
    return steps

if __name__ == "__main__":
    directed = sys.argv[1:2] == ["mutants"]
    numbers = [int(a) for a in sys.argv[1 + directed:]]
    count, first = (numbers + [100, 0][len(numbers):])[:2]
    if directed:
        mutants(count, first)
        sys.exit()
    failed = {seed: wrong for seed in range(first, first + count) if (wrong := run(history(seed)))}
    print(f"{count} histories, {len(failed)} failed")
    for seed, wrong in list(failed.items())[:1]:
        print(f"seed {seed}: {wrong}; shrunk:")
        print(run(shrink(history(seed)), trace=True))
    sys.exit(1 if failed else 0)
