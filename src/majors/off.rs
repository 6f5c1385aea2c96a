//! Owns what stands for a major that is not compiled in: bounds that hold for every type.

holds_for_every_type!(Scalar Params Results HostParams HostResults Lower Lift LowerList LiftList);
