//! The ledger format.
