"""The recording source: an observation kept in a file, to be scanned again. See docs/reference/recording.md."""

from itops.sources.recording.source import RecordingSettings, RecordingSource

__all__ = ["RecordingSettings", "RecordingSource"]
