//! What can be asked for: operations as data, one TOML file per upstream.
//!
//! Promises I2 (nothing the catalog does not name) and I4 (the subject is bound by the gateway).

pub mod operation;

pub use operation::{
    Argument, Class, Effect, Field, Operation, Ownership, Place, Risk, Shape, SubjectBinding,
};
