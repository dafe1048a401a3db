"""What can go wrong while publishing a snapshot."""


class SnapshotError(Exception):
    """A snapshot could not be published; the page that was live still is."""


class BadName(SnapshotError):
    """A file name that no static host could serve safely; rename the file."""


class SnapshotBusy(SnapshotError):
    """Another writer has held the target's lock too long; try again."""


class SnapshotDamaged(SnapshotError):
    """What was read back from the disk is not what was written; check the disk, then publish again."""
