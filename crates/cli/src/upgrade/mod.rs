//! Owns the command `upgrade`: what changes for a host and its guests from one release of Wasmtime to another, as one page.

mod args;
mod changes;
mod document;
mod guests;
mod layout;
mod page;
mod sources;

use std::process::ExitCode;

use crate::failure::Failure;
use crate::{json, pick, style};

pub(crate) use self::args::UpgradeArgs;
use self::page::Page;

pub(crate) fn command(args: &UpgradeArgs, json: bool) -> Result<ExitCode, Failure> {
    let (from, to) = (pick::exact(&args.from)?, pick::exact(&args.to)?);
    let page = Page::new(&from, &to, args)?;
    if json {
        json::print(&page)?;
    } else {
        let document = layout::document(&page);
        style::print(&match (args.markdown, args.html) {
            (true, _) => document.markdown(),
            (_, true) => document.html(),
            _ => document.text(),
        })?;
    }
    Ok(ExitCode::from(u8::from(page.guests.iter().any(guests::GuestPage::is_worse))))
}
