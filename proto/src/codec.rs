//! Messages on a gRPC connection: protobuf, with the entries of lists counted before requests are decoded, so
//! that no client makes a node take much more memory than it sends.

use std::marker::PhantomData;

use bytes::Buf as _;
use prost::Message;
use talea_types::wire::shape::Shaped;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstEncoder};

use crate::ApiError;

/// Encodes as usual; decodes requests whose lists are in proportion, and answers.
#[derive(Debug)]
pub struct BoundedCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for BoundedCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for BoundedCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Shaped + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(PhantomData)
    }
}

/// See [`BoundedCodec`].
#[derive(Debug)]
pub struct BoundedDecoder<U>(PhantomData<U>);

impl<U: Message + Default + Shaped> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // The transport hands over one whole message, in one piece.
        decode(buffer.copy_to_bytes(buffer.remaining())).map(Some)
    }
}

/// Decodes one message.
///
/// # Errors
/// INVALID_ARGUMENT when the lists of a request have more entries than its length justifies; INTERNAL, as gRPC wants it,
/// when it is no message.
pub fn decode<U: Message + Default + Shaped>(bytes: bytes::Bytes) -> Result<U, Status> {
    if !U::IS_ANSWER && !U::shape().permits(&bytes) {
        let error = ApiError::invalid(
            "request",
            "its lists have more entries than its length justifies",
        );
        return Err(error.into());
    }
    U::decode(bytes).map_err(|error| Status::internal(error.to_string()))
}
