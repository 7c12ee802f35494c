//! End-to-end stories live in `tests/`; this library is empty.
