"""Which entry of the register a device is. The first rule with exactly one candidate wins; doubt is only listed.

Rules: a pin by hand; maker and good serial; UUID and MAC (by which sightings were joined, see `devices`); the property
number that a device carries; a virtual server's link. A host name or an address alone only suggests, and a name only
within its site: two branch offices may both have a PC-14.
"""

from itops.assets.matching.deciding import match
from itops.assets.matching.found import DeviceMatch, Matches, Rule, Suggestion

__all__ = ["DeviceMatch", "Matches", "Rule", "Suggestion", "match"]
