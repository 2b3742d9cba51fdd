//! One node asked about many subjects: what it answered stays known, however the asking ends.

use talea_client::{ClientError, Trust};
use talea_types::Subject;

use super::{AnswerDifference, Answers, CompareError, Comparison};
use crate::Index;

/// What asking one node came to.
#[derive(Debug, Default)]
pub struct Asked {
    /// Subjects about which it told all events, and its state.
    pub subjects: usize,
    /// Events that it told as they happened.
    pub events: u64,
    /// Of those, the ones in blocks that are newer than the index.
    pub newer: u64,
    /// What is not so, of whom; of nobody where the node is behind.
    pub differences: Vec<(Option<Subject>, AnswerDifference)>,
    /// About whom it does not answer, and what it says instead.
    pub refused: Vec<(Subject, String)>,
    /// Why it was asked no further. Whoever lies and then hangs up has lied.
    pub ended: Option<CompareError>,
}

impl Asked {
    /// Asks a node about each subject. `on_subject` hears of each that is done.
    pub async fn about<A: Answers>(
        index: &Index,
        trust: &Trust,
        node: &A,
        subjects: &[Subject],
        mut on_subject: impl FnMut(),
    ) -> Self {
        let mut asked = Self::default();
        let comparison = match Comparison::begin(index, trust, node).await {
            Ok(comparison) => comparison,
            Err(CompareError::Difference(difference)) => {
                asked.differences.push((None, difference));
                return asked;
            }
            Err(error) => {
                asked.ended = Some(error);
                return asked;
            }
        };
        for subject in subjects {
            if let Err(error) = asked.take(&comparison, subject).await {
                asked.ended = Some(error);
                return asked;
            }
            on_subject();
        }
        asked
    }

    async fn take<A: Answers>(
        &mut self,
        comparison: &Comparison<'_, A>,
        subject: &Subject,
    ) -> Result<(), CompareError> {
        match comparison.of(subject).await {
            Ok(compared) => {
                self.subjects += 1;
                self.events += compared.events;
                self.newer += compared.newer;
                let differences = compared.differences.into_iter();
                let of = differences.map(|difference| (Some(*subject), difference));
                self.differences.extend(of);
                Ok(())
            }
            Err(CompareError::Source(
                error @ (ClientError::Refused(_) | ClientError::ReadNotRecorded { .. }),
            )) => {
                self.refused.push((*subject, error.to_string()));
                Ok(())
            }
            // It proved what is not so, and did not answer further.
            Err(CompareError::Difference(difference)) => {
                self.differences.push((Some(*subject), difference));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
