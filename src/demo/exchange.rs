//! The exchange (below).
