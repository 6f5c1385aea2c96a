include!("../../../shared/unfit_closures.rs");
