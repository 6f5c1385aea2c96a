include!("../../../shared/seventeen_parameters.rs");
