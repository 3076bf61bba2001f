//! Tidewaiter.
fn main() {}
