include!("../../../shared/record_of_a_major.rs");
