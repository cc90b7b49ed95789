"""Rules of the centre's webinars; this room is not furnished yet.

Here will live: who gets a seat and who waits (first confirmed, first served, never more seats
than there are, nobody overtaken in the line), when a seat that falls free moves on, how a
calendar entry is written so that it updates and cancels itself, and who counts as having taken
part. The rules will take counts and the time as arguments; writing, mailing and showing is the
application's.
"""
