//! Looking things up, with proof or without.

use bytes::Bytes;
use talea_proto::{api, convert, limits};
use talea_types::{
    AccountId, BlockHeader, Certificate, CommittedBlock, DecodeError, HoldId, ParticipantId,
    SignedTransaction, Subject, TransactionId, TransactionResult,
    block::results_root,
    event::Event,
    receipt::Receipt,
    state::{Account, Hold, Participant, StateKey},
};

use crate::{
    Client, ClientError, HistoryProof, ObjectProof, ProofFailure, ReceiptProof, Trust, WholeBlock,
    proof_file::event_chain,
};

/// A block in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    /// Its header.
    pub header: BlockHeader,
    /// Its certificate.
    pub certificate: Certificate,
    /// Transactions that it applied.
    pub applied: u32,
    /// Transactions that it rejected.
    pub rejected: u32,
    /// Entries without any effect.
    pub void: u32,
}

/// Events of a subject as a node tells them, nothing of it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in the order in which they came.
    pub events: Vec<ToldEvent>,
    /// How many events the subject has, as the node says.
    pub length: u64,
    /// The node's height as of which that is said.
    pub height: u64,
}

/// An event as a node tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldEvent {
    /// Its place in the subject's history, from 0, as the node says beside the bytes.
    pub sequence: u64,
    /// Its block, as the node says beside the bytes.
    pub height: u64,
    /// What should be the canonical bytes of the event.
    pub bytes: Bytes,
}

impl BlockInfo {
    pub(crate) fn from_api(notice: &api::BlockNotice) -> Result<Self, DecodeError> {
        let header = notice
            .header
            .as_ref()
            .ok_or(DecodeError::Missing { field: "header" })?;
        let certificate = notice.certificate.as_ref().ok_or(DecodeError::Missing {
            field: "certificate",
        })?;
        Ok(Self {
            header: BlockHeader::from_wire(header)?,
            certificate: Certificate::from_wire(certificate)?,
            applied: notice.applied,
            rejected: notice.rejected,
            void: notice.void,
        })
    }
}

impl Client {
    /// The state object at a key as a node tells it, without proof; `None` when there is none.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn state(&self, key: &StateKey) -> Result<Option<Bytes>, ClientError> {
        let (answer, _) = self.get_state(key, false).await?;
        Ok(Some(answer.value).filter(|value| !value.is_empty()))
    }

    /// The state object at a key, or its absence, verified.
    ///
    /// # Errors
    /// [`ClientError::Proof`] when the node's answer does not verify; others.
    pub async fn proven_state(
        &self,
        key: &StateKey,
        trust: &Trust,
    ) -> Result<ObjectProof, ClientError> {
        let proof = self.told_state(key).await?;
        proof.verify(trust)?;
        Ok(proof)
    }

    /// The state object at a key, or its absence, with the proof that a node gives for it, which is not
    /// verified: for who looks for nodes that lie.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn told_state(&self, key: &StateKey) -> Result<ObjectProof, ClientError> {
        let (answer, node) = self.get_state(key, true).await?;
        ObjectProof::from_api(*key, answer.value, answer.proof.as_ref())
            .map_err(|error| ClientError::nonsense(&node, &error))
    }

    async fn get_state(
        &self,
        key: &StateKey,
        prove: bool,
    ) -> Result<(api::GetStateResponse, String), ClientError> {
        let request = api::GetStateRequest {
            key: Some(convert::state_key_to_api(key)),
            prove,
        };
        self.read_shown("the object", |mut ledger| {
            let request = request.clone();
            async move { ledger.get_state(request).await }
        })
        .await
    }

    /// An account, without proof.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`].
    pub async fn account(&self, id: &AccountId) -> Result<Account, ClientError> {
        let value = self.state(&StateKey::Account(*id)).await?;
        typed(&format!("account {id}"), value, Account::decode)
    }

    /// An organisation, without proof.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`].
    pub async fn participant(&self, id: &ParticipantId) -> Result<Participant, ClientError> {
        let value = self.state(&StateKey::Participant(*id)).await?;
        typed(&format!("organisation {id}"), value, Participant::decode)
    }

    /// A hold, without proof.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`] also when it was resolved or has expired.
    pub async fn hold(&self, id: &HoldId) -> Result<Hold, ClientError> {
        let value = self.state(&StateKey::Hold(*id)).await?;
        typed(&format!("hold {id}"), value, Hold::decode)
    }

    /// The receipt of a transaction, verified, with the transaction itself where the node keeps it.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] until it is final; [`ClientError::Proof`] when it does not verify.
    pub async fn receipt(
        &self,
        id: &TransactionId,
        trust: &Trust,
    ) -> Result<ReceiptProof, ClientError> {
        let request = api::GetReceiptRequest { id: id.to_wire() };
        let (answer, node) = self
            .read(&format!("a receipt of transaction {id}"), |mut ledger| {
                let request = request.clone();
                async move { ledger.get_receipt(request).await }
            })
            .await?;
        let receipt = answer
            .receipt
            .as_ref()
            .ok_or(DecodeError::Missing { field: "receipt" })
            .and_then(Receipt::from_wire)
            .map_err(|error| ClientError::nonsense(&node, &error))?;
        trust.verify_receipt(&receipt, Some(id))?;
        let transaction = self.lookup(id, true).await?.transaction;
        let proof = ReceiptProof {
            transaction,
            receipt,
        };
        proof.verify(trust)?;
        Ok(proof)
    }

    /// Events of a subject from a sequence on, at most `limit`, and how many it has. Without proof.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn events(
        &self,
        subject: &Subject,
        from_sequence: u64,
        limit: u32,
    ) -> Result<(Vec<Event>, u64), ClientError> {
        let (page, node) = self.list_events(subject, from_sequence, limit).await?;
        let decoded = page.events.iter().map(|told| Event::decode(&told.bytes));
        let events = decoded
            .collect::<Result<_, _>>()
            .map_err(|error| ClientError::nonsense(&node, &error))?;
        Ok((events, page.length))
    }

    /// The same as a node tells it, not even read: for who looks for nodes that lie.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn told_events(
        &self,
        subject: &Subject,
        from_sequence: u64,
        limit: u32,
    ) -> Result<EventPage, ClientError> {
        let (page, _) = self.list_events(subject, from_sequence, limit).await?;
        Ok(page)
    }

    async fn list_events(
        &self,
        subject: &Subject,
        from_sequence: u64,
        limit: u32,
    ) -> Result<(EventPage, String), ClientError> {
        let request = api::ListEventsRequest {
            subject: Some(convert::subject_to_api(subject)),
            from_sequence,
            limit: limit.min(limits::EVENTS_PER_PAGE_MAX),
        };
        let (answer, node) = self
            .read_shown(&subject.to_string(), |mut ledger| {
                let request = request.clone();
                async move { ledger.list_events(request).await }
            })
            .await?;
        let told = answer.events.into_iter().map(|record| ToldEvent {
            sequence: record.sequence,
            height: record.height,
            bytes: record.event,
        });
        let page = EventPage {
            events: told.collect(),
            length: answer.length,
            height: answer.height,
        };
        Ok((page, node))
    }

    /// The whole history of a subject, verified to be complete. `progress` is told how many events of how
    /// many have come.
    ///
    /// # Errors
    /// [`ClientError::Proof`] when anything is missing or altered; [`ClientError::NotFound`].
    pub async fn history(
        &self,
        subject: &Subject,
        trust: &Trust,
        progress: impl FnMut(u64, u64),
    ) -> Result<HistoryProof, ClientError> {
        let history = self.history_or_absence(subject, trust, progress).await?;
        if history.subject.value.is_none() {
            return Err(ClientError::NotFound {
                what: subject.to_string(),
            });
        }
        Ok(history)
    }

    /// As [`Self::history`]; of a subject that is not on the ledger, the proof that it is not, without
    /// events.
    pub(crate) async fn history_or_absence(
        &self,
        subject: &Subject,
        trust: &Trust,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<HistoryProof, ClientError> {
        let key = subject_key(subject);
        let object = self.proven_state(&key, trust).await?;
        let length = event_chain(&object)?.length();
        let mut events: Vec<Event> = Vec::new();
        let mut have = 0;
        while have < length {
            let (page, _) = self
                .events(subject, have, limits::EVENTS_PER_PAGE_MAX)
                .await?;
            // The subject may have gone on since its state was proved: what is later is left out.
            let wanted = page.into_iter().filter(|event| event.sequence < length);
            let before = events.len();
            events.extend(wanted);
            if events.len() == before {
                // Nothing came although the state promises more: the proof below names what is missing.
                break;
            }
            have = events.len() as u64;
            progress(have, length);
        }
        let history = HistoryProof {
            subject: object,
            events,
        };
        history.verify(trust)?;
        Ok(history)
    }

    /// A block in short, without proof. Height 0 is the newest.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`].
    pub async fn block(&self, height: u64) -> Result<BlockInfo, ClientError> {
        Ok(self.get_block(height, false, false).await?.info)
    }

    /// The results of all transactions of a block, without proof: not for everybody. Height 0 is the
    /// newest.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`].
    pub async fn block_results(&self, height: u64) -> Result<Vec<TransactionResult>, ClientError> {
        Ok(self.get_block(height, false, true).await?.results)
    }

    /// A block as a node tells it; the bytes and the results are empty unless asked for.
    pub(crate) async fn get_block(
        &self,
        height: u64,
        with_body: bool,
        with_results: bool,
    ) -> Result<WholeBlock, ClientError> {
        let request = api::GetBlockRequest {
            height,
            with_body,
            with_results,
        };
        let (answer, node) = self.ask_for_block(request).await?;
        let read = || {
            let notice = answer.notice.as_ref();
            let notice = notice.ok_or(DecodeError::Missing { field: "notice" })?;
            let results = answer.results.iter().map(TransactionResult::from_wire);
            Ok(WholeBlock {
                info: BlockInfo::from_api(notice)?,
                results: results.collect::<Result<_, _>>()?,
                block: answer.block.clone(),
            })
        };
        read().map_err(|error| ClientError::nonsense(&node, &error))
    }

    /// The transactions of a block with their results, in the order in which they were executed, verified
    /// to be all that its header commits to: not for everybody. Whether the header is final is for whoever
    /// has it to know, as of [`Client::watch_blocks`] with trust. Signatures are not verified again.
    ///
    /// # Errors
    /// [`ClientError::Proof`] when anything is missing or altered; [`ClientError::NotFound`].
    pub async fn transactions_of(
        &self,
        header: &BlockHeader,
    ) -> Result<Vec<(SignedTransaction, TransactionResult)>, ClientError> {
        let request = api::GetBlockRequest {
            height: header.height,
            with_body: true,
            with_results: true,
        };
        let (answer, _) = self.ask_for_block(request).await?;
        let block = CommittedBlock::decode(&answer.block).map_err(ProofFailure::from)?;
        let results = answer.results.iter().map(TransactionResult::from_wire);
        let results: Result<Vec<_>, _> = results.collect();
        let results = results.map_err(ProofFailure::from)?;
        let batches = block.body.batches.iter();
        let bytes = batches.flat_map(|batch| batch.transactions());
        let transactions =
            bytes.map(|bytes| SignedTransaction::decode(&header.chain, bytes.clone()));
        let transactions: Result<Vec<_>, _> = transactions.collect();
        let transactions = transactions.map_err(ProofFailure::from)?;
        let told = transactions.iter().map(SignedTransaction::id);
        if block.body.content.header != *header
            || results_root(&results) != header.results_root
            || !told.eq(results.iter().map(|result| result.transaction))
        {
            return Err(ProofFailure::Other {
                expected: format!("block {} with all its results", header.height),
                found: "another block, or other results".to_owned(),
            }
            .into());
        }
        Ok(transactions.into_iter().zip(results).collect())
    }

    async fn ask_for_block(
        &self,
        request: api::GetBlockRequest,
    ) -> Result<(api::GetBlockResponse, String), ClientError> {
        let what = format!("block {}", request.height);
        self.read_shown(&what, |mut ledger| async move {
            ledger.get_block(request).await
        })
        .await
    }
}

/// Where the state has the object of a subject, which commits to its history.
#[must_use]
pub const fn subject_key(subject: &Subject) -> StateKey {
    match *subject {
        Subject::Account(id) => StateKey::Account(id),
        Subject::Participant(id) => StateKey::Participant(id),
        Subject::Debtor(id) => StateKey::Debtor(id),
        Subject::Loan(id) => StateKey::Loan(id),
        Subject::Case(id) => StateKey::Case(id),
    }
}

fn typed<T>(
    what: &str,
    value: Option<Bytes>,
    decode: impl Fn(&Bytes) -> Result<T, DecodeError>,
) -> Result<T, ClientError> {
    let value = value.ok_or_else(|| ClientError::NotFound {
        what: what.to_owned(),
    })?;
    decode(&value).map_err(|error| ProofFailure::Malformed(error).into())
}
