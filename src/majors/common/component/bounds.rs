//! What this major can pass into components and take out of them.

use super::wasmtime::component::{ComponentNamedList, Lift as RawLift, Lower as RawLower};

/// A value that this major can pass into a component.
pub trait Lower: RawLower {}
impl<T: RawLower + ?Sized> Lower for T {}

/// A value that this major can take out of a component.
pub trait Lift: RawLift {}
impl<T: RawLift> Lift for T {}

/// Values that this major can pass into a component.
pub trait LowerList: ComponentNamedList + RawLower {}
impl<T: ComponentNamedList + RawLower> LowerList for T {}

/// Values that this major can take out of a component.
pub trait LiftList: ComponentNamedList + RawLift {}
impl<T: ComponentNamedList + RawLift> LiftList for T {}
