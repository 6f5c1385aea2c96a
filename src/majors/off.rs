//! Owns what stands for a major that is not compiled in: bounds that hold for every type.

macro_rules! holds_for_every_type {
    ($($name:ident)*) => {
        $(/// Holds for every type.
        pub trait $name {}
        impl<T: ?Sized> $name for T {})*
    };
}

holds_for_every_type!(Scalar Params Results HostParams HostResults Lower Lift LowerList LiftList);
