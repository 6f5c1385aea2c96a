//! Owns what stands for a major that is not compiled in: bounds that hold for every type, and
//! types without a value.

holds_for_every_type!(Scalar Params Results HostParams HostResults Lower Lift LowerList LiftList);

no_resources!();
