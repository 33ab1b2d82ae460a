"""English words that say nothing of what a comment is about, and those that turn the next word round."""

from __future__ import annotations

_ENGLISH = """
a about above after again all almost also although always am an and another any anything are as at away back be
because been before being below between both but by came can can't cannot come could couldn't did didn't do does
doesn't doing don't done down during each either else even ever every everything few for from further get gets getting
go goes going got had hadn't has hasn't have haven't having he he's her here here's hers herself him himself his how
however i i'd i'll i'm i've if in into is isn't it it'd it'll it's its itself just let let's lot lots made make makes
many may me might more most much must my myself no nor not now of off often ok okay on once one only onto or other
others our ours out over own per please quite rather re really same see seem seems several shall she she's should
shouldn't since so some something still such than thank thanks that that's the their theirs them themselves then there
there's these they they'd they'll they're they've thing things this those though through thus to too toward two under
until up upon us use used very via want was wasn't way we we'd we'll we're we've well went were weren't what what's
when where whether which while who whom whose why will with within without won't would wouldn't yes yet you you'd
you'll you're you've your yours yourself
"""
ENGLISH: frozenset[str] = frozenset(_ENGLISH.split())

# They open a pair of words (`not working`, `too expensive`), though alone they say nothing.
TURNING: frozenset[str] = frozenset(["no", "not", "never", "too", "without", "can't", "cannot", "doesn't", "don't"])
