"""Was a packed file sent as text, every line feed turned into two bytes? Then no byte of it can be trusted."""

from itops.backup.contents import Content
from itops.backup.copies import Fault
from itops.backup.formats import MIB, Damaged
from itops.formats.compressed_text import is_crlf_mangled


def explained(damage: Damaged, content: Content) -> Damaged:
    """The damage of a packed file, with the line endings before it when they are its cause."""
    if not is_crlf_mangled(content.read_at(0, MIB)):
        return damage
    return Damaged(Fault(code="line-endings"), *damage.faults)
