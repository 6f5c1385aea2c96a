//! Hosts that are generic over the major compile while none is on.
#![allow(dead_code)]

#[path = "../../../program.rs"]
mod program;

fn main() {}
