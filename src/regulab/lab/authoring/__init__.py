"""A session's files: reading, checking, previewing and packing them."""
