include!("../../../shared/vector_of_a_major.rs");
