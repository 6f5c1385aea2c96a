//! Owns what stands for a major that is not compiled in: bounds that everything meets.

/// Met by everything.
pub trait Params {}
impl<T> Params for T {}

/// Met by everything.
pub trait Results {}
impl<T> Results for T {}

/// Met by everything.
pub trait HostParams {}
impl<T> HostParams for T {}

/// Met by everything.
pub trait HostResults {}
impl<T> HostResults for T {}

/// Met by everything.
pub trait Lower {}
impl<T> Lower for T {}

/// Met by everything.
pub trait Lift {}
impl<T> Lift for T {}
