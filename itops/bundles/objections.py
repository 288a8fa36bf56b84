"""What speaks against a bundle or a receipt: codes and facts; the words are in `WORDS`, as headquarters writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS: Mapping[str, str] = {
    "bundle.manifest-unreadable": "the manifest cannot be read: {problem}",
    "bundle.manifest-differs": "the manifest has another SHA-256 than the bundle was announced by",
    "bundle.signature-missing": "there is no signature",
    "bundle.signature-unreadable": "the signature cannot be read: {problem}",
    "bundle.signature-wrong": "the signature is not one of this manifest: it was changed after it was signed",
    "bundle.wrong-namespace": "it was signed as {namespace}, not as {expected}",
    "bundle.unknown-key": "the key {fingerprint} is nobody's that is known here",
    "bundle.key-of-another": "the key {fingerprint} belongs to {signer}, not to {office}",
    "bundle.key-expired": "the key {fingerprint} counted until {until}",
    "bundle.key-not-yet-valid": "the key {fingerprint} counts only from {since}",
    "bundle.other-office": "it is of the office {office}, and came as one of {expected}",
    "bundle.other-period": "it is of the period {period}, and came as one of {expected}",
    "bundle.other-sequence": "it is number {sequence} of its period, and came as number {expected}",
    "bundle.archive-missing": "there is no archive",
    "bundle.archive-differs": "the archive is not the one that the manifest names",
    "bundle.archive-encrypted": "the archive is encrypted, and no key is here that could open it",
    "bundle.archive-other-key": "the archive is encrypted, but to none of the keys that are here",
    "bundle.archive-damaged": "the encrypted archive was changed or cut: it does not open whole",
    "bundle.archive-not-encrypted": "the archive is named as an encrypted one, and is none",
    "bundle.archive-holds-more": "the archive holds something that the manifest does not name",
    "bundle.file-differs": "the file {file} is not the one that the manifest names",
    "bundle.file-missing": "the file {file} is named by the manifest and is not there",
    "bundle.file-extra": "the file {file} is there and the manifest does not name it",
    "bundle.previous-differs": "it follows {previous}, which another bundle follows already",
    "bundle.sequence-taken": "the period {period} has a bundle number {sequence} already, with another content",
    "receipt.unreadable": "the receipt cannot be read: {problem}",
    "receipt.signature-wrong": "the signature is not one of this receipt",
    "receipt.wrong-namespace": "it was signed as {namespace}, not as {expected}",
    "receipt.unknown-key": "the key {fingerprint} is not one of headquarters",
    "receipt.key-expired": "the key {fingerprint} counted until {until}",
    "receipt.key-not-yet-valid": "the key {fingerprint} counts only from {since}",
    "heartbeat.unreadable": "the heartbeat cannot be read: {problem}",
    "heartbeat.signature-unreadable": "its signature cannot be read: {problem}",
    "heartbeat.signature-wrong": "the signature is not one of this heartbeat",
    "heartbeat.wrong-namespace": "it was signed as {namespace}, not as {expected}",
    "heartbeat.unknown-key": "the key {fingerprint} is nobody's that may sign heartbeats here",
    "heartbeat.key-of-another": "the key {fingerprint} belongs to {signer}, not to {office}",
    "heartbeat.key-expired": "the key {fingerprint} counted until {until}",
    "heartbeat.key-not-yet-valid": "the key {fingerprint} counts only from {since}",
    "heartbeat.other-office": "it is of the office {office}, and came as one of {expected}",
    "heartbeat.from-future": "it was made at {made_at}, and here it is {now}",
    "heartbeat.replayed": "it was made at {made_at}; one of {newest} was seen already",
}


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that is wrong."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In English, for terminals and logs."""
        return WORDS.get(self.code, self.code).format_map(_Facts(self.facts))


class _Facts(dict[str, str]):
    """A receipt may name a code of ours without its facts: then the sentence says so instead of failing."""

    def __missing__(self, name: str) -> str:
        return "?"
