"""What a firm's own agent sees in its network; this room is not furnished yet.

Here will live: the words for what was found (devices, findings, their topics), the guard that
keeps a scan inside the network that the firm released and away from machines, and the rules by
which a finding confirms or contradicts an answer. `scanners.agent` beside it will be the
program that the firm starts itself; only there will processes and sockets be used. The rules
will take what was seen and the time as arguments, and give back plain values.
"""
