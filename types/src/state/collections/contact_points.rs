//! The numbers, addresses and places at which contacts about a debtor are made.

use crate::{
    decode::{DecodeError, array, ascending},
    encode::FieldWriter,
    hash::Hash,
    limits::CONTACT_POINTS_PER_DEBTOR_MAX,
    wire,
};

/// A number, address or place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactPoint {
    /// Commitment to it.
    pub commitment: Hash,
    /// Whether a third party there wants no contact.
    pub refused: bool,
}

/// Those of one debtor, over all collectors. Bounded, so that counting by contact point cannot be
/// evaded with ever new commitments to one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactPoints {
    /// Strictly ascending by commitment.
    pub points: Vec<ContactPoint>,
}

impl ContactPoints {
    /// The contact point with this commitment.
    #[must_use]
    pub fn find(&self, commitment: &Hash) -> Option<&ContactPoint> {
        let at = self
            .points
            .binary_search_by_key(commitment, |point| point.commitment);
        at.ok().and_then(|index| self.points.get(index))
    }

    /// The contact point with this commitment, added if it is new.
    pub fn find_or_add(&mut self, commitment: Hash) -> Option<&mut ContactPoint> {
        let at = self
            .points
            .binary_search_by_key(&commitment, |point| point.commitment);
        let index = at.unwrap_or_else(|index| {
            let added = ContactPoint {
                commitment,
                refused: false,
            };
            self.points.insert(index, added);
            index
        });
        self.points.get_mut(index)
    }

    pub(crate) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        for point in &self.points {
            w.message(field, |w| {
                w.bytes(1, point.commitment.as_bytes());
                w.number(2, point.refused);
            });
        }
    }

    pub(crate) fn from_wire(points: &[wire::ContactPoint]) -> Result<Self, DecodeError> {
        let max = CONTACT_POINTS_PER_DEBTOR_MAX;
        let points = ascending("contact_points", points, max, |point| {
            Ok(ContactPoint {
                commitment: Hash(array("contact_point.commitment", &point.commitment)?),
                refused: point.refused,
            })
        })?;
        let repeats = |pair: &[ContactPoint]| match pair {
            [one, other] => one.commitment == other.commitment,
            _ => false,
        };
        if points.windows(2).any(repeats) {
            return Err(DecodeError::Order {
                field: "contact_points",
            });
        }
        Ok(Self { points })
    }
}
