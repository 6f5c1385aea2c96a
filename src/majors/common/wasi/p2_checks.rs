//! What a call of WASI 0.2 may copy and make, and what its errors mean. Part of `p2_calls`.

use super::super::filesystem;
use super::{Code, Descriptor, Error, Refused, Result, StoreContextMut, StoreData, WasmList, WasmStr, calls, view};
use crate::bounds::Data;

/// Whether the store may have one more resource.
pub(in super::super::super) fn room<T: Data + Send>(data: &mut StoreData<T>) -> Result<()> {
    let table = view::table(data.wasi_mut());
    // A table does not say how many entries it has; a new one's number is at least that of those in use, less one.
    let probe = table.push(())?;
    let index = probe.rep();
    table.delete(probe)?;
    counted(data, index)
}

/// Whether the store may have a resource of this number.
pub(super) fn counted<T>(data: &StoreData<T>, number: u32) -> Result<()> {
    let most = data.calls().handles;
    match usize::try_from(number).is_ok_and(|number| number >= most) {
        true => Err(Error::new(Refused::Handles { most })),
        false => Ok(()),
    }
}

/// Whether one call may copy so many bytes.
pub(super) fn copied<T>(data: &StoreData<T>, bytes: usize) -> Result<()> {
    let most = data.calls().bytes;
    if bytes > most { Err(Error::new(Refused::Bytes { bytes, most })) } else { Ok(()) }
}

/// An argument in the guest's memory.
pub(super) trait Argument {
    type Copied;

    /// Copies it, if one call may copy so many bytes more.
    fn copied<T: Data>(self, context: &StoreContextMut<'_, StoreData<T>>, bytes: &mut usize) -> Result<Self::Copied>;
}

impl Argument for WasmStr {
    type Copied = String;

    fn copied<T: Data>(self, context: &StoreContextMut<'_, StoreData<T>>, bytes: &mut usize) -> Result<String> {
        let text = self.to_str(context)?;
        *bytes = bytes.saturating_add(text.len());
        copied(context.data(), *bytes)?;
        Ok(text.into_owned())
    }
}

impl Argument for WasmList<u8> {
    type Copied = Vec<u8>;

    fn copied<T: Data>(self, context: &StoreContextMut<'_, StoreData<T>>, bytes: &mut usize) -> Result<Vec<u8>> {
        *bytes = bytes.saturating_add(self.len());
        copied(context.data(), *bytes)?;
        Ok(self.as_le_slice(context).to_vec())
    }
}

/// Whether the host can express the times: the majors that are checked here panic where it cannot.
pub(super) fn timely(times: [&filesystem::NewTimestamp; 2]) -> bool {
    times.into_iter().all(|time| match time {
        filesystem::NewTimestamp::Timestamp(time) => calls::is_time(time.seconds, time.nanoseconds),
        _ => true,
    })
}

/// Whether this descriptor is of a directory: up to 47 some errors do not say so.
pub(super) fn is_directory<T: Data + Send>(data: &mut StoreData<T>, number: u32) -> bool {
    let descriptor = view::table(data.wasi_mut()).get(&Descriptor::new_borrow(number));
    matches!(descriptor, Ok(filesystem::Descriptor::Dir(_)))
}

/// The error of making a stream to write with: up to 47 of a file that may only be read the wrong one.
pub(super) fn unwritable<T: Data + Send>(data: &mut StoreData<T>, number: u32, error: Code) -> Code {
    let unwritable = matches!(error, Code::BadDescriptor) && !is_directory(data, number);
    if unwritable { Code::NotPermitted } else { error }
}

pub(super) fn randoms<T>(data: &StoreData<T>, length: u64) -> Result<()> {
    let most = data.max_random_size();
    if length > most { Err(Error::new(Refused::Random { length, most })) } else { Ok(()) }
}
