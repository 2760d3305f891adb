"""The page without a server: one file that opens from disk, to be sent to a reader."""
