//! `wasi:config` and `wasi:keyvalue`, which a host adds if guests may have them.

mod config;
mod keyvalue;

pub(super) use self::config::link as link_config;
pub(super) use self::keyvalue::link as link_keyvalue;
