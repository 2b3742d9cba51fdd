use super::shape::{Field, Shape, Shaped};

// Generated from the contract: what lists of a message cost.
pub static ACCESS_ENTRY: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::AccessEntry { fn shape() -> &'static Shape { &ACCESS_ENTRY } }
const _: () = assert!(::core::mem::size_of::<super::AccessEntry>() <= 88);
pub static ACCESS_LOG: Shape = Shape { bytes: 24, fields: &[(1, Field::Messages(&ACCESS_ENTRY))] };
impl Shaped for super::AccessLog { fn shape() -> &'static Shape { &ACCESS_LOG } }
const _: () = assert!(::core::mem::size_of::<super::AccessLog>() <= 24);
pub static ACCOUNT: Shape = Shape { bytes: 408, fields: &[(3, Field::Message(&KEYS)), (11, Field::Messages(&BALANCE))] };
impl Shaped for super::Account { fn shape() -> &'static Shape { &ACCOUNT } }
const _: () = assert!(::core::mem::size_of::<super::Account>() <= 408);
pub static ACCOUNT_CLOSE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::AccountClose { fn shape() -> &'static Shape { &ACCOUNT_CLOSE } }
const _: () = assert!(::core::mem::size_of::<super::AccountClose>() <= 32);
pub static ACCOUNT_CLOSED: Shape = Shape { bytes: 0, fields: &[] };
impl Shaped for super::AccountClosed { fn shape() -> &'static Shape { &ACCOUNT_CLOSED } }
const _: () = assert!(::core::mem::size_of::<super::AccountClosed>() <= 0);
pub static ACCOUNT_OPEN: Shape = Shape { bytes: 88, fields: &[(2, Field::Message(&KEY_POLICY))] };
impl Shaped for super::AccountOpen { fn shape() -> &'static Shape { &ACCOUNT_OPEN } }
const _: () = assert!(::core::mem::size_of::<super::AccountOpen>() <= 88);
pub static ACCOUNT_OPENED: Shape = Shape { bytes: 120, fields: &[(3, Field::Message(&KEY_POLICY))] };
impl Shaped for super::AccountOpened { fn shape() -> &'static Shape { &ACCOUNT_OPENED } }
const _: () = assert!(::core::mem::size_of::<super::AccountOpened>() <= 120);
pub static ACCOUNT_RESTRICT: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::AccountRestrict { fn shape() -> &'static Shape { &ACCOUNT_RESTRICT } }
const _: () = assert!(::core::mem::size_of::<super::AccountRestrict>() <= 88);
pub static ACCOUNT_RESTRICTED: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::AccountRestricted { fn shape() -> &'static Shape { &ACCOUNT_RESTRICTED } }
const _: () = assert!(::core::mem::size_of::<super::AccountRestricted>() <= 88);
pub static ACCOUNT_RESTRICTION: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::AccountRestriction { fn shape() -> &'static Shape { &ACCOUNT_RESTRICTION } }
const _: () = assert!(::core::mem::size_of::<super::AccountRestriction>() <= 88);
pub static AGREEMENT: Shape = Shape { bytes: 208, fields: &[(2, Field::Message(&AGREEMENT_TERMS))] };
impl Shaped for super::Agreement { fn shape() -> &'static Shape { &AGREEMENT } }
const _: () = assert!(::core::mem::size_of::<super::Agreement>() <= 208);
pub static AGREEMENT_REGISTER: Shape = Shape { bytes: 160, fields: &[(1, Field::Message(&AGREEMENT_TERMS))] };
impl Shaped for super::AgreementRegister { fn shape() -> &'static Shape { &AGREEMENT_REGISTER } }
const _: () = assert!(::core::mem::size_of::<super::AgreementRegister>() <= 160);
pub static AGREEMENT_REGISTERED: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::AgreementRegistered { fn shape() -> &'static Shape { &AGREEMENT_REGISTERED } }
const _: () = assert!(::core::mem::size_of::<super::AgreementRegistered>() <= 32);
pub static AGREEMENT_TERMS: Shape = Shape { bytes: 152, fields: &[(2, Field::Messages(&FUNDER_SHARE))] };
impl Shaped for super::AgreementTerms { fn shape() -> &'static Shape { &AGREEMENT_TERMS } }
const _: () = assert!(::core::mem::size_of::<super::AgreementTerms>() <= 152);
pub static APPROVE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::Approve { fn shape() -> &'static Shape { &APPROVE } }
const _: () = assert!(::core::mem::size_of::<super::Approve>() <= 32);
pub static ASSET_TOTALS: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::AssetTotals { fn shape() -> &'static Shape { &ASSET_TOTALS } }
const _: () = assert!(::core::mem::size_of::<super::AssetTotals>() <= 48);
pub static ATOMIC_BATCH: Shape = Shape { bytes: 24, fields: &[(1, Field::Messages(&OPERATION))] };
impl Shaped for super::AtomicBatch { fn shape() -> &'static Shape { &ATOMIC_BATCH } }
const _: () = assert!(::core::mem::size_of::<super::AtomicBatch>() <= 24);
pub static BALANCE: Shape = Shape { bytes: 80, fields: &[] };
impl Shaped for super::Balance { fn shape() -> &'static Shape { &BALANCE } }
const _: () = assert!(::core::mem::size_of::<super::Balance>() <= 80);
pub static BATCH: Shape = Shape { bytes: 64, fields: &[(3, Field::Strings(32))] };
impl Shaped for super::Batch { fn shape() -> &'static Shape { &BATCH } }
const _: () = assert!(::core::mem::size_of::<super::Batch>() <= 64);
pub static BLOCK_BODY: Shape = Shape { bytes: 512, fields: &[(1, Field::Message(&BLOCK_CONTENT)), (2, Field::Strings(32))] };
impl Shaped for super::BlockBody { fn shape() -> &'static Shape { &BLOCK_BODY } }
const _: () = assert!(::core::mem::size_of::<super::BlockBody>() <= 512);
pub static BLOCK_CONTENT: Shape = Shape { bytes: 480, fields: &[(2, Field::Message(&CERTIFICATE)), (3, Field::Strings(32))] };
impl Shaped for super::BlockContent { fn shape() -> &'static Shape { &BLOCK_CONTENT } }
const _: () = assert!(::core::mem::size_of::<super::BlockContent>() <= 480);
pub static BLOCK_HEADER: Shape = Shape { bytes: 368, fields: &[] };
impl Shaped for super::BlockHeader { fn shape() -> &'static Shape { &BLOCK_HEADER } }
const _: () = assert!(::core::mem::size_of::<super::BlockHeader>() <= 368);
pub static BREACH: Shape = Shape { bytes: 144, fields: &[] };
impl Shaped for super::Breach { fn shape() -> &'static Shape { &BREACH } }
const _: () = assert!(::core::mem::size_of::<super::Breach>() <= 144);
pub static BUSINESS_DATE_ADVANCE: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::BusinessDateAdvance { fn shape() -> &'static Shape { &BUSINESS_DATE_ADVANCE } }
const _: () = assert!(::core::mem::size_of::<super::BusinessDateAdvance>() <= 8);
pub static BUSINESS_DATE_ADVANCED: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::BusinessDateAdvanced { fn shape() -> &'static Shape { &BUSINESS_DATE_ADVANCED } }
const _: () = assert!(::core::mem::size_of::<super::BusinessDateAdvanced>() <= 16);
pub static CASE_NOTICE: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::CaseNotice { fn shape() -> &'static Shape { &CASE_NOTICE } }
const _: () = assert!(::core::mem::size_of::<super::CaseNotice>() <= 48);
pub static CASE_PLACE: Shape = Shape { bytes: 152, fields: &[(3, Field::Strings(32))] };
impl Shaped for super::CasePlace { fn shape() -> &'static Shape { &CASE_PLACE } }
const _: () = assert!(::core::mem::size_of::<super::CasePlace>() <= 152);
pub static CASE_PLACED: Shape = Shape { bytes: 224, fields: &[(3, Field::Message(&CASE_PLACE))] };
impl Shaped for super::CasePlaced { fn shape() -> &'static Shape { &CASE_PLACED } }
const _: () = assert!(::core::mem::size_of::<super::CasePlaced>() <= 224);
pub static CASE_RECALL: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::CaseRecall { fn shape() -> &'static Shape { &CASE_RECALL } }
const _: () = assert!(::core::mem::size_of::<super::CaseRecall>() <= 40);
pub static CERTIFICATE: Shape = Shape { bytes: 72, fields: &[(4, Field::Messages(&COMMIT_SIGNATURE))] };
impl Shaped for super::Certificate { fn shape() -> &'static Shape { &CERTIFICATE } }
const _: () = assert!(::core::mem::size_of::<super::Certificate>() <= 72);
pub static CHANGE: Shape = Shape { bytes: 192, fields: &[(1, Field::Message(&PARTICIPANT_REGISTER)), (3, Field::Message(&VALIDATOR_SET_CHANGE)), (6, Field::Message(&GOVERNANCE_POLICY)), (7, Field::Message(&LIMIT_SET))] };
impl Shaped for super::Change { fn shape() -> &'static Shape { &CHANGE } }
const _: () = assert!(::core::mem::size_of::<super::Change>() <= 192);
pub static CHANGE_TERMS: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::ChangeTerms { fn shape() -> &'static Shape { &CHANGE_TERMS } }
const _: () = assert!(::core::mem::size_of::<super::ChangeTerms>() <= 48);
pub static CHARGE_OFF: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::ChargeOff { fn shape() -> &'static Shape { &CHARGE_OFF } }
const _: () = assert!(::core::mem::size_of::<super::ChargeOff>() <= 32);
pub static CLOCK_ADVANCE: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::ClockAdvance { fn shape() -> &'static Shape { &CLOCK_ADVANCE } }
const _: () = assert!(::core::mem::size_of::<super::ClockAdvance>() <= 8);
pub static CLOCK_ADVANCED: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::ClockAdvanced { fn shape() -> &'static Shape { &CLOCK_ADVANCED } }
const _: () = assert!(::core::mem::size_of::<super::ClockAdvanced>() <= 8);
pub static COLLECTION_CASE: Shape = Shape { bytes: 328, fields: &[(4, Field::Strings(32)), (7, Field::Messages(&CASE_NOTICE)), (13, Field::Message(&CONTACT_TALLIES))] };
impl Shaped for super::CollectionCase { fn shape() -> &'static Shape { &COLLECTION_CASE } }
const _: () = assert!(::core::mem::size_of::<super::CollectionCase>() <= 328);
pub static COMMIT_SIGNATURE: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::CommitSignature { fn shape() -> &'static Shape { &COMMIT_SIGNATURE } }
const _: () = assert!(::core::mem::size_of::<super::CommitSignature>() <= 64);
pub static COMMITTED_BLOCK: Shape = Shape { bytes: 600, fields: &[(1, Field::Message(&BLOCK_BODY)), (2, Field::Message(&CERTIFICATE))] };
impl Shaped for super::CommittedBlock { fn shape() -> &'static Shape { &COMMITTED_BLOCK } }
const _: () = assert!(::core::mem::size_of::<super::CommittedBlock>() <= 600);
pub static COMPLAINT: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::Complaint { fn shape() -> &'static Shape { &COMPLAINT } }
const _: () = assert!(::core::mem::size_of::<super::Complaint>() <= 64);
pub static COMPLAINT_ANSWER: Shape = Shape { bytes: 80, fields: &[] };
impl Shaped for super::ComplaintAnswer { fn shape() -> &'static Shape { &COMPLAINT_ANSWER } }
const _: () = assert!(::core::mem::size_of::<super::ComplaintAnswer>() <= 80);
pub static COMPLAINT_CLOCK: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::ComplaintClock { fn shape() -> &'static Shape { &COMPLAINT_CLOCK } }
const _: () = assert!(::core::mem::size_of::<super::ComplaintClock>() <= 16);
pub static COMPLAINT_OPEN: Shape = Shape { bytes: 104, fields: &[] };
impl Shaped for super::ComplaintOpen { fn shape() -> &'static Shape { &COMPLAINT_OPEN } }
const _: () = assert!(::core::mem::size_of::<super::ComplaintOpen>() <= 104);
pub static COMPLAINT_OPENED: Shape = Shape { bytes: 136, fields: &[] };
impl Shaped for super::ComplaintOpened { fn shape() -> &'static Shape { &COMPLAINT_OPENED } }
const _: () = assert!(::core::mem::size_of::<super::ComplaintOpened>() <= 136);
pub static CONTACT_CLOSED: Shape = Shape { bytes: 136, fields: &[] };
impl Shaped for super::ContactClosed { fn shape() -> &'static Shape { &CONTACT_CLOSED } }
const _: () = assert!(::core::mem::size_of::<super::ContactClosed>() <= 136);
pub static CONTACT_OPT_OUT: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::ContactOptOut { fn shape() -> &'static Shape { &CONTACT_OPT_OUT } }
const _: () = assert!(::core::mem::size_of::<super::ContactOptOut>() <= 40);
pub static CONTACT_OUTCOME: Shape = Shape { bytes: 96, fields: &[] };
impl Shaped for super::ContactOutcome { fn shape() -> &'static Shape { &CONTACT_OUTCOME } }
const _: () = assert!(::core::mem::size_of::<super::ContactOutcome>() <= 96);
pub static CONTACT_PERMIT: Shape = Shape { bytes: 256, fields: &[] };
impl Shaped for super::ContactPermit { fn shape() -> &'static Shape { &CONTACT_PERMIT } }
const _: () = assert!(::core::mem::size_of::<super::ContactPermit>() <= 256);
pub static CONTACT_PERMITTED: Shape = Shape { bytes: 368, fields: &[(6, Field::Strings(24))] };
impl Shaped for super::ContactPermitted { fn shape() -> &'static Shape { &CONTACT_PERMITTED } }
const _: () = assert!(::core::mem::size_of::<super::ContactPermitted>() <= 368);
pub static CONTACT_POINT: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::ContactPoint { fn shape() -> &'static Shape { &CONTACT_POINT } }
const _: () = assert!(::core::mem::size_of::<super::ContactPoint>() <= 40);
pub static CONTACT_REPORT: Shape = Shape { bytes: 192, fields: &[] };
impl Shaped for super::ContactReport { fn shape() -> &'static Shape { &CONTACT_REPORT } }
const _: () = assert!(::core::mem::size_of::<super::ContactReport>() <= 192);
pub static CONTACT_REPORTED: Shape = Shape { bytes: 208, fields: &[] };
impl Shaped for super::ContactReported { fn shape() -> &'static Shape { &CONTACT_REPORTED } }
const _: () = assert!(::core::mem::size_of::<super::ContactReported>() <= 208);
pub static CONTACT_REVOKED: Shape = Shape { bytes: 96, fields: &[(4, Field::Strings(24))] };
impl Shaped for super::ContactRevoked { fn shape() -> &'static Shape { &CONTACT_REVOKED } }
const _: () = assert!(::core::mem::size_of::<super::ContactRevoked>() <= 96);
pub static CONTACT_TALLIES: Shape = Shape { bytes: 56, fields: &[(1, Field::Messages(&TALLY_RING)), (2, Field::Numbers(8))] };
impl Shaped for super::ContactTallies { fn shape() -> &'static Shape { &CONTACT_TALLIES } }
const _: () = assert!(::core::mem::size_of::<super::ContactTallies>() <= 56);
pub static CONTRIBUTED_RESERVE: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::ContributedReserve { fn shape() -> &'static Shape { &CONTRIBUTED_RESERVE } }
const _: () = assert!(::core::mem::size_of::<super::ContributedReserve>() <= 48);
pub static CONVERSATION_WAIT: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::ConversationWait { fn shape() -> &'static Shape { &CONVERSATION_WAIT } }
const _: () = assert!(::core::mem::size_of::<super::ConversationWait>() <= 32);
pub static CREDENTIAL: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::Credential { fn shape() -> &'static Shape { &CREDENTIAL } }
const _: () = assert!(::core::mem::size_of::<super::Credential>() <= 40);
pub static CREDENTIAL_ATTEST: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::CredentialAttest { fn shape() -> &'static Shape { &CREDENTIAL_ATTEST } }
const _: () = assert!(::core::mem::size_of::<super::CredentialAttest>() <= 72);
pub static CREDENTIAL_ATTESTED: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::CredentialAttested { fn shape() -> &'static Shape { &CREDENTIAL_ATTESTED } }
const _: () = assert!(::core::mem::size_of::<super::CredentialAttested>() <= 72);
pub static CREDENTIAL_REVOKE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::CredentialRevoke { fn shape() -> &'static Shape { &CREDENTIAL_REVOKE } }
const _: () = assert!(::core::mem::size_of::<super::CredentialRevoke>() <= 32);
pub static CREDENTIAL_REVOKED: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::CredentialRevoked { fn shape() -> &'static Shape { &CREDENTIAL_REVOKED } }
const _: () = assert!(::core::mem::size_of::<super::CredentialRevoked>() <= 32);
pub static CREDIT_FURNISH: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::CreditFurnish { fn shape() -> &'static Shape { &CREDIT_FURNISH } }
const _: () = assert!(::core::mem::size_of::<super::CreditFurnish>() <= 88);
pub static CREDIT_FURNISHED: Shape = Shape { bytes: 96, fields: &[] };
impl Shaped for super::CreditFurnished { fn shape() -> &'static Shape { &CREDIT_FURNISHED } }
const _: () = assert!(::core::mem::size_of::<super::CreditFurnished>() <= 96);
pub static DATA_GRANT: Shape = Shape { bytes: 56, fields: &[] };
impl Shaped for super::DataGrant { fn shape() -> &'static Shape { &DATA_GRANT } }
const _: () = assert!(::core::mem::size_of::<super::DataGrant>() <= 56);
pub static DATA_GRANT_REVOKE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::DataGrantRevoke { fn shape() -> &'static Shape { &DATA_GRANT_REVOKE } }
const _: () = assert!(::core::mem::size_of::<super::DataGrantRevoke>() <= 32);
pub static DATA_GRANT_SET: Shape = Shape { bytes: 56, fields: &[] };
impl Shaped for super::DataGrantSet { fn shape() -> &'static Shape { &DATA_GRANT_SET } }
const _: () = assert!(::core::mem::size_of::<super::DataGrantSet>() <= 56);
pub static DATA_GRANTED: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::DataGranted { fn shape() -> &'static Shape { &DATA_GRANTED } }
const _: () = assert!(::core::mem::size_of::<super::DataGranted>() <= 24);
pub static DEBT_ASSIGN: Shape = Shape { bytes: 136, fields: &[] };
impl Shaped for super::DebtAssign { fn shape() -> &'static Shape { &DEBT_ASSIGN } }
const _: () = assert!(::core::mem::size_of::<super::DebtAssign>() <= 136);
pub static DEBT_ASSIGNED: Shape = Shape { bytes: 128, fields: &[] };
impl Shaped for super::DebtAssigned { fn shape() -> &'static Shape { &DEBT_ASSIGNED } }
const _: () = assert!(::core::mem::size_of::<super::DebtAssigned>() <= 128);
pub static DEBTOR: Shape = Shape { bytes: 520, fields: &[(1, Field::Message(&RESIDENCE)), (2, Field::Strings(32)), (4, Field::Message(&DEBTOR_PREFERENCES)), (6, Field::Strings(32)), (7, Field::Strings(32)), (8, Field::Messages(&PROTECTION_IN_FORCE)), (9, Field::Messages(&OPEN_DISPUTE)), (10, Field::Numbers(4)), (12, Field::Messages(&CONTACT_POINT)), (13, Field::Message(&CONTACT_TALLIES))] };
impl Shaped for super::Debtor { fn shape() -> &'static Shape { &DEBTOR } }
const _: () = assert!(::core::mem::size_of::<super::Debtor>() <= 520);
pub static DEBTOR_PREFERENCES: Shape = Shape { bytes: 112, fields: &[(1, Field::Messages(&CONTACT_OPT_OUT)), (2, Field::Messages(&LOCAL_HOURS)), (6, Field::Strings(32))] };
impl Shaped for super::DebtorPreferences { fn shape() -> &'static Shape { &DEBTOR_PREFERENCES } }
const _: () = assert!(::core::mem::size_of::<super::DebtorPreferences>() <= 112);
pub static DEBTOR_REGISTER: Shape = Shape { bytes: 136, fields: &[(2, Field::Message(&RESIDENCE))] };
impl Shaped for super::DebtorRegister { fn shape() -> &'static Shape { &DEBTOR_REGISTER } }
const _: () = assert!(::core::mem::size_of::<super::DebtorRegister>() <= 136);
pub static DEBTOR_REGISTERED: Shape = Shape { bytes: 136, fields: &[(2, Field::Message(&RESIDENCE))] };
impl Shaped for super::DebtorRegistered { fn shape() -> &'static Shape { &DEBTOR_REGISTERED } }
const _: () = assert!(::core::mem::size_of::<super::DebtorRegistered>() <= 136);
pub static DELINQUENCY_POLICY: Shape = Shape { bytes: 40, fields: &[(3, Field::Numbers(4))] };
impl Shaped for super::DelinquencyPolicy { fn shape() -> &'static Shape { &DELINQUENCY_POLICY } }
const _: () = assert!(::core::mem::size_of::<super::DelinquencyPolicy>() <= 40);
pub static DISPUTE_OPEN: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::DisputeOpen { fn shape() -> &'static Shape { &DISPUTE_OPEN } }
const _: () = assert!(::core::mem::size_of::<super::DisputeOpen>() <= 72);
pub static DISPUTE_RESOLVE: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::DisputeResolve { fn shape() -> &'static Shape { &DISPUTE_RESOLVE } }
const _: () = assert!(::core::mem::size_of::<super::DisputeResolve>() <= 72);
pub static ENVELOPE: Shape = Shape { bytes: 104, fields: &[(3, Field::Strings(32))] };
impl Shaped for super::Envelope { fn shape() -> &'static Shape { &ENVELOPE } }
const _: () = assert!(::core::mem::size_of::<super::Envelope>() <= 104);
pub static ENVELOPE_PUT: Shape = Shape { bytes: 96, fields: &[(4, Field::Strings(32))] };
impl Shaped for super::EnvelopePut { fn shape() -> &'static Shape { &ENVELOPE_PUT } }
const _: () = assert!(::core::mem::size_of::<super::EnvelopePut>() <= 96);
pub static ENVELOPE_STORED: Shape = Shape { bytes: 96, fields: &[(3, Field::Strings(32))] };
impl Shaped for super::EnvelopeStored { fn shape() -> &'static Shape { &ENVELOPE_STORED } }
const _: () = assert!(::core::mem::size_of::<super::EnvelopeStored>() <= 96);
pub static ERASED: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::Erased { fn shape() -> &'static Shape { &ERASED } }
const _: () = assert!(::core::mem::size_of::<super::Erased>() <= 72);
pub static ERASURE_TOMBSTONE: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::ErasureTombstone { fn shape() -> &'static Shape { &ERASURE_TOMBSTONE } }
const _: () = assert!(::core::mem::size_of::<super::ErasureTombstone>() <= 72);
pub static EVALUATED_WITHIN: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::EvaluatedWithin { fn shape() -> &'static Shape { &EVALUATED_WITHIN } }
const _: () = assert!(::core::mem::size_of::<super::EvaluatedWithin>() <= 8);
pub static EVENT: Shape = Shape { bytes: 544, fields: &[(10, Field::Message(&ACCOUNT_OPENED)), (13, Field::Message(&KEYS_ROTATED)), (18, Field::Message(&PARTICIPANT_REGISTERED)), (25, Field::Message(&ENVELOPE_STORED)), (32, Field::Message(&LOAN_ORIGINATED)), (37, Field::Message(&LOSS_SHARED)), (60, Field::Message(&DEBTOR_REGISTERED)), (61, Field::Message(&RESIDENCE_CHANGED)), (62, Field::Message(&PREFERENCE_SET)), (63, Field::Message(&CASE_PLACED)), (66, Field::Message(&CONTACT_PERMITTED)), (67, Field::Message(&CONTACT_REVOKED)), (73, Field::Message(&REPAYMENT_PLAN))] };
impl Shaped for super::Event { fn shape() -> &'static Shape { &EVENT } }
const _: () = assert!(::core::mem::size_of::<super::Event>() <= 544);
pub static EVENT_CAUSE: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::EventCause { fn shape() -> &'static Shape { &EVENT_CAUSE } }
const _: () = assert!(::core::mem::size_of::<super::EventCause>() <= 48);
pub static EVENT_CHAIN: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::EventChain { fn shape() -> &'static Shape { &EVENT_CHAIN } }
const _: () = assert!(::core::mem::size_of::<super::EventChain>() <= 40);
pub static FEE_ASSESS: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::FeeAssess { fn shape() -> &'static Shape { &FEE_ASSESS } }
const _: () = assert!(::core::mem::size_of::<super::FeeAssess>() <= 64);
pub static FEE_TERM: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::FeeTerm { fn shape() -> &'static Shape { &FEE_TERM } }
const _: () = assert!(::core::mem::size_of::<super::FeeTerm>() <= 48);
pub static FEE_TOTAL: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::FeeTotal { fn shape() -> &'static Shape { &FEE_TOTAL } }
const _: () = assert!(::core::mem::size_of::<super::FeeTotal>() <= 32);
pub static FINALITY_PROOF: Shape = Shape { bytes: 480, fields: &[(1, Field::Messages(&SET_CHANGE)), (3, Field::Message(&CERTIFICATE))] };
impl Shaped for super::FinalityProof { fn shape() -> &'static Shape { &FINALITY_PROOF } }
const _: () = assert!(::core::mem::size_of::<super::FinalityProof>() <= 480);
pub static FORBEARANCE: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::Forbearance { fn shape() -> &'static Shape { &FORBEARANCE } }
const _: () = assert!(::core::mem::size_of::<super::Forbearance>() <= 16);
pub static FREQUENCY_CAP: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::FrequencyCap { fn shape() -> &'static Shape { &FREQUENCY_CAP } }
const _: () = assert!(::core::mem::size_of::<super::FrequencyCap>() <= 64);
pub static FUNDER: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::Funder { fn shape() -> &'static Shape { &FUNDER } }
const _: () = assert!(::core::mem::size_of::<super::Funder>() <= 48);
pub static FUNDER_LOSS: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::FunderLoss { fn shape() -> &'static Shape { &FUNDER_LOSS } }
const _: () = assert!(::core::mem::size_of::<super::FunderLoss>() <= 40);
pub static FUNDER_SHARE: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::FunderShare { fn shape() -> &'static Shape { &FUNDER_SHARE } }
const _: () = assert!(::core::mem::size_of::<super::FunderShare>() <= 40);
pub static FURNISHING_AFTER: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::FurnishingAfter { fn shape() -> &'static Shape { &FURNISHING_AFTER } }
const _: () = assert!(::core::mem::size_of::<super::FurnishingAfter>() <= 16);
pub static GENESIS_ASSET: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::GenesisAsset { fn shape() -> &'static Shape { &GENESIS_ASSET } }
const _: () = assert!(::core::mem::size_of::<super::GenesisAsset>() <= 40);
pub static GENESIS_CONTRIBUTION: Shape = Shape { bytes: 256, fields: &[(2, Field::Message(&GENESIS_PARTICIPANT)), (3, Field::Messages(&CONTRIBUTED_RESERVE)), (4, Field::Messages(&VALIDATOR))] };
impl Shaped for super::GenesisContribution { fn shape() -> &'static Shape { &GENESIS_CONTRIBUTION } }
const _: () = assert!(::core::mem::size_of::<super::GenesisContribution>() <= 256);
pub static GENESIS_PARTICIPANT: Shape = Shape { bytes: 176, fields: &[(5, Field::Numbers(4)), (6, Field::Message(&KEY_POLICY))] };
impl Shaped for super::GenesisParticipant { fn shape() -> &'static Shape { &GENESIS_PARTICIPANT } }
const _: () = assert!(::core::mem::size_of::<super::GenesisParticipant>() <= 176);
pub static GENESIS_RECORD: Shape = Shape { bytes: 192, fields: &[(5, Field::Messages(&GENESIS_ASSET)), (6, Field::Messages(&TIER)), (7, Field::Messages(&GENESIS_PARTICIPANT)), (8, Field::Messages(&GENESIS_RESERVE)), (9, Field::Messages(&VALIDATOR)), (10, Field::Messages(&GENESIS_RULE_PACK))] };
impl Shaped for super::GenesisRecord { fn shape() -> &'static Shape { &GENESIS_RECORD } }
const _: () = assert!(::core::mem::size_of::<super::GenesisRecord>() <= 192);
pub static GENESIS_RESERVE: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::GenesisReserve { fn shape() -> &'static Shape { &GENESIS_RESERVE } }
const _: () = assert!(::core::mem::size_of::<super::GenesisReserve>() <= 64);
pub static GENESIS_RULE_PACK: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::GenesisRulePack { fn shape() -> &'static Shape { &GENESIS_RULE_PACK } }
const _: () = assert!(::core::mem::size_of::<super::GenesisRulePack>() <= 64);
pub static GOVERNANCE: Shape = Shape { bytes: 32, fields: &[(1, Field::Message(&GOVERNANCE_POLICY))] };
impl Shaped for super::Governance { fn shape() -> &'static Shape { &GOVERNANCE } }
const _: () = assert!(::core::mem::size_of::<super::Governance>() <= 32);
pub static GOVERNANCE_POLICY: Shape = Shape { bytes: 24, fields: &[(1, Field::Messages(&CHANGE_TERMS))] };
impl Shaped for super::GovernancePolicy { fn shape() -> &'static Shape { &GOVERNANCE_POLICY } }
const _: () = assert!(::core::mem::size_of::<super::GovernancePolicy>() <= 24);
pub static HOLD: Shape = Shape { bytes: 128, fields: &[] };
impl Shaped for super::Hold { fn shape() -> &'static Shape { &HOLD } }
const _: () = assert!(::core::mem::size_of::<super::Hold>() <= 128);
pub static HOLD_PLACE: Shape = Shape { bytes: 128, fields: &[] };
impl Shaped for super::HoldPlace { fn shape() -> &'static Shape { &HOLD_PLACE } }
const _: () = assert!(::core::mem::size_of::<super::HoldPlace>() <= 128);
pub static HOLD_RESOLVE: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::HoldResolve { fn shape() -> &'static Shape { &HOLD_RESOLVE } }
const _: () = assert!(::core::mem::size_of::<super::HoldResolve>() <= 40);
pub static INQUIRY_AUTHORISE: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::InquiryAuthorise { fn shape() -> &'static Shape { &INQUIRY_AUTHORISE } }
const _: () = assert!(::core::mem::size_of::<super::InquiryAuthorise>() <= 40);
pub static INQUIRY_AUTHORISED: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::InquiryAuthorised { fn shape() -> &'static Shape { &INQUIRY_AUTHORISED } }
const _: () = assert!(::core::mem::size_of::<super::InquiryAuthorised>() <= 40);
pub static INQUIRY_RIGHT: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::InquiryRight { fn shape() -> &'static Shape { &INQUIRY_RIGHT } }
const _: () = assert!(::core::mem::size_of::<super::InquiryRight>() <= 8);
pub static INSTALMENT: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::Instalment { fn shape() -> &'static Shape { &INSTALMENT } }
const _: () = assert!(::core::mem::size_of::<super::Instalment>() <= 16);
pub static INTEREST_PAUSE: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::InterestPause { fn shape() -> &'static Shape { &INTEREST_PAUSE } }
const _: () = assert!(::core::mem::size_of::<super::InterestPause>() <= 8);
pub static ISSUE: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::Issue { fn shape() -> &'static Shape { &ISSUE } }
const _: () = assert!(::core::mem::size_of::<super::Issue>() <= 88);
pub static KEY_POLICY: Shape = Shape { bytes: 32, fields: &[(2, Field::Strings(32))] };
impl Shaped for super::KeyPolicy { fn shape() -> &'static Shape { &KEY_POLICY } }
const _: () = assert!(::core::mem::size_of::<super::KeyPolicy>() <= 32);
pub static KEY_ROTATE: Shape = Shape { bytes: 48, fields: &[(1, Field::Message(&KEY_POLICY))] };
impl Shaped for super::KeyRotate { fn shape() -> &'static Shape { &KEY_ROTATE } }
const _: () = assert!(::core::mem::size_of::<super::KeyRotate>() <= 48);
pub static KEYS: Shape = Shape { bytes: 88, fields: &[(1, Field::Message(&KEY_POLICY)), (2, Field::Message(&KEY_POLICY))] };
impl Shaped for super::Keys { fn shape() -> &'static Shape { &KEYS } }
const _: () = assert!(::core::mem::size_of::<super::Keys>() <= 88);
pub static KEYS_ROTATED: Shape = Shape { bytes: 48, fields: &[(1, Field::Message(&KEY_POLICY))] };
impl Shaped for super::KeysRotated { fn shape() -> &'static Shape { &KEYS_ROTATED } }
const _: () = assert!(::core::mem::size_of::<super::KeysRotated>() <= 48);
pub static LEDGER_CLOCK: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::LedgerClock { fn shape() -> &'static Shape { &LEDGER_CLOCK } }
const _: () = assert!(::core::mem::size_of::<super::LedgerClock>() <= 32);
pub static LEGAL_HOLD: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::LegalHold { fn shape() -> &'static Shape { &LEGAL_HOLD } }
const _: () = assert!(::core::mem::size_of::<super::LegalHold>() <= 48);
pub static LEGAL_HOLD_LIFT: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::LegalHoldLift { fn shape() -> &'static Shape { &LEGAL_HOLD_LIFT } }
const _: () = assert!(::core::mem::size_of::<super::LegalHoldLift>() <= 64);
pub static LEGAL_HOLD_PLACE: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::LegalHoldPlace { fn shape() -> &'static Shape { &LEGAL_HOLD_PLACE } }
const _: () = assert!(::core::mem::size_of::<super::LegalHoldPlace>() <= 40);
pub static LEGAL_HOLD_SET: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::LegalHoldSet { fn shape() -> &'static Shape { &LEGAL_HOLD_SET } }
const _: () = assert!(::core::mem::size_of::<super::LegalHoldSet>() <= 72);
pub static LEGAL_HOLDS: Shape = Shape { bytes: 24, fields: &[(1, Field::Messages(&LEGAL_HOLD))] };
impl Shaped for super::LegalHolds { fn shape() -> &'static Shape { &LEGAL_HOLDS } }
const _: () = assert!(::core::mem::size_of::<super::LegalHolds>() <= 24);
pub static LIMIT_SET: Shape = Shape { bytes: 64, fields: &[(2, Field::Message(&TIER))] };
impl Shaped for super::LimitSet { fn shape() -> &'static Shape { &LIMIT_SET } }
const _: () = assert!(::core::mem::size_of::<super::LimitSet>() <= 64);
pub static LIST_PROOF: Shape = Shape { bytes: 40, fields: &[(3, Field::Strings(32))] };
impl Shaped for super::ListProof { fn shape() -> &'static Shape { &LIST_PROOF } }
const _: () = assert!(::core::mem::size_of::<super::ListProof>() <= 40);
pub static LOAN: Shape = Shape { bytes: 456, fields: &[(13, Field::Messages(&FEE_TOTAL)), (14, Field::Messages(&FUNDER)), (17, Field::Messages(&INSTALMENT)), (20, Field::Messages(&PAUSE))] };
impl Shaped for super::Loan { fn shape() -> &'static Shape { &LOAN } }
const _: () = assert!(::core::mem::size_of::<super::Loan>() <= 456);
pub static LOAN_DISBURSE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::LoanDisburse { fn shape() -> &'static Shape { &LOAN_DISBURSE } }
const _: () = assert!(::core::mem::size_of::<super::LoanDisburse>() <= 32);
pub static LOAN_ENTRY: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::LoanEntry { fn shape() -> &'static Shape { &LOAN_ENTRY } }
const _: () = assert!(::core::mem::size_of::<super::LoanEntry>() <= 120);
pub static LOAN_MODIFIED: Shape = Shape { bytes: 80, fields: &[] };
impl Shaped for super::LoanModified { fn shape() -> &'static Shape { &LOAN_MODIFIED } }
const _: () = assert!(::core::mem::size_of::<super::LoanModified>() <= 80);
pub static LOAN_MODIFY: Shape = Shape { bytes: 80, fields: &[] };
impl Shaped for super::LoanModify { fn shape() -> &'static Shape { &LOAN_MODIFY } }
const _: () = assert!(::core::mem::size_of::<super::LoanModify>() <= 80);
pub static LOAN_ORIGINATE: Shape = Shape { bytes: 176, fields: &[(8, Field::Messages(&INSTALMENT))] };
impl Shaped for super::LoanOriginate { fn shape() -> &'static Shape { &LOAN_ORIGINATE } }
const _: () = assert!(::core::mem::size_of::<super::LoanOriginate>() <= 176);
pub static LOAN_ORIGINATED: Shape = Shape { bytes: 160, fields: &[(6, Field::Messages(&INSTALMENT))] };
impl Shaped for super::LoanOriginated { fn shape() -> &'static Shape { &LOAN_ORIGINATED } }
const _: () = assert!(::core::mem::size_of::<super::LoanOriginated>() <= 160);
pub static LOAN_PAUSED: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::LoanPaused { fn shape() -> &'static Shape { &LOAN_PAUSED } }
const _: () = assert!(::core::mem::size_of::<super::LoanPaused>() <= 120);
pub static LOAN_RESUMED: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::LoanResumed { fn shape() -> &'static Shape { &LOAN_RESUMED } }
const _: () = assert!(::core::mem::size_of::<super::LoanResumed>() <= 72);
pub static LOCAL_HOURS: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::LocalHours { fn shape() -> &'static Shape { &LOCAL_HOURS } }
const _: () = assert!(::core::mem::size_of::<super::LocalHours>() <= 16);
pub static LOGGED_READ: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::LoggedRead { fn shape() -> &'static Shape { &LOGGED_READ } }
const _: () = assert!(::core::mem::size_of::<super::LoggedRead>() <= 24);
pub static LOSS_SHARE_SETTLE: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::LossShareSettle { fn shape() -> &'static Shape { &LOSS_SHARE_SETTLE } }
const _: () = assert!(::core::mem::size_of::<super::LossShareSettle>() <= 32);
pub static LOSS_SHARED: Shape = Shape { bytes: 72, fields: &[(4, Field::Messages(&FUNDER_LOSS))] };
impl Shaped for super::LossShared { fn shape() -> &'static Shape { &LOSS_SHARED } }
const _: () = assert!(::core::mem::size_of::<super::LossShared>() <= 72);
pub static MAP_LEAF: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::MapLeaf { fn shape() -> &'static Shape { &MAP_LEAF } }
const _: () = assert!(::core::mem::size_of::<super::MapLeaf>() <= 64);
pub static MAP_PROOF: Shape = Shape { bytes: 96, fields: &[(1, Field::Strings(32))] };
impl Shaped for super::MapProof { fn shape() -> &'static Shape { &MAP_PROOF } }
const _: () = assert!(::core::mem::size_of::<super::MapProof>() <= 96);
pub static MODIFICATION: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::Modification { fn shape() -> &'static Shape { &MODIFICATION } }
const _: () = assert!(::core::mem::size_of::<super::Modification>() <= 40);
pub static NETWORK: Shape = Shape { bytes: 64, fields: &[(3, Field::Messages(&TIER))] };
impl Shaped for super::Network { fn shape() -> &'static Shape { &NETWORK } }
const _: () = assert!(::core::mem::size_of::<super::Network>() <= 64);
pub static NONCE_WINDOW: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::NonceWindow { fn shape() -> &'static Shape { &NONCE_WINDOW } }
const _: () = assert!(::core::mem::size_of::<super::NonceWindow>() <= 40);
pub static NOTICE_BEFORE: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::NoticeBefore { fn shape() -> &'static Shape { &NOTICE_BEFORE } }
const _: () = assert!(::core::mem::size_of::<super::NoticeBefore>() <= 16);
pub static NOTICE_COMMIT: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::NoticeCommit { fn shape() -> &'static Shape { &NOTICE_COMMIT } }
const _: () = assert!(::core::mem::size_of::<super::NoticeCommit>() <= 72);
pub static NOTICE_SERVED: Shape = Shape { bytes: 112, fields: &[] };
impl Shaped for super::NoticeServed { fn shape() -> &'static Shape { &NOTICE_SERVED } }
const _: () = assert!(::core::mem::size_of::<super::NoticeServed>() <= 112);
pub static NOTICE_WITHIN: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::NoticeWithin { fn shape() -> &'static Shape { &NOTICE_WITHIN } }
const _: () = assert!(::core::mem::size_of::<super::NoticeWithin>() <= 16);
pub static OPEN_DISPUTE: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::OpenDispute { fn shape() -> &'static Shape { &OPEN_DISPUTE } }
const _: () = assert!(::core::mem::size_of::<super::OpenDispute>() <= 72);
pub static OPERATION: Shape = Shape { bytes: 272, fields: &[(10, Field::Message(&KEY_ROTATE)), (13, Field::Message(&PROPOSE)), (30, Field::Message(&ACCOUNT_OPEN)), (56, Field::Message(&ATOMIC_BATCH)), (70, Field::Message(&PRODUCT_PUBLISH)), (71, Field::Message(&AGREEMENT_REGISTER)), (72, Field::Message(&LOAN_ORIGINATE)), (100, Field::Message(&DEBTOR_REGISTER)), (101, Field::Message(&RESIDENCE_SET)), (102, Field::Message(&PREFERENCE_SET)), (103, Field::Message(&CASE_PLACE)), (110, Field::Message(&REPAYMENT_PLAN)), (144, Field::Message(&ACCESS_LOG)), (145, Field::Message(&ENVELOPE_PUT))] };
impl Shaped for super::Operation { fn shape() -> &'static Shape { &OPERATION } }
const _: () = assert!(::core::mem::size_of::<super::Operation>() <= 272);
pub static PACK_APPLIES: Shape = Shape { bytes: 112, fields: &[(1, Field::Strings(24)), (2, Field::Strings(24)), (3, Field::Strings(24))] };
impl Shaped for super::PackApplies { fn shape() -> &'static Shape { &PACK_APPLIES } }
const _: () = assert!(::core::mem::size_of::<super::PackApplies>() <= 112);
pub static PACK_RULE: Shape = Shape { bytes: 312, fields: &[(8, Field::Numbers(4)), (9, Field::Numbers(4)), (10, Field::Numbers(4)), (11, Field::Strings(24))] };
impl Shaped for super::PackRule { fn shape() -> &'static Shape { &PACK_RULE } }
const _: () = assert!(::core::mem::size_of::<super::PackRule>() <= 312);
pub static PARTICIPANT: Shape = Shape { bytes: 336, fields: &[(5, Field::Numbers(4)), (7, Field::Message(&KEYS))] };
impl Shaped for super::Participant { fn shape() -> &'static Shape { &PARTICIPANT } }
const _: () = assert!(::core::mem::size_of::<super::Participant>() <= 336);
pub static PARTICIPANT_REGISTER: Shape = Shape { bytes: 176, fields: &[(5, Field::Numbers(4)), (6, Field::Message(&KEY_POLICY))] };
impl Shaped for super::ParticipantRegister { fn shape() -> &'static Shape { &PARTICIPANT_REGISTER } }
const _: () = assert!(::core::mem::size_of::<super::ParticipantRegister>() <= 176);
pub static PARTICIPANT_REGISTERED: Shape = Shape { bytes: 216, fields: &[(1, Field::Message(&PARTICIPANT_REGISTER))] };
impl Shaped for super::ParticipantRegistered { fn shape() -> &'static Shape { &PARTICIPANT_REGISTERED } }
const _: () = assert!(::core::mem::size_of::<super::ParticipantRegistered>() <= 216);
pub static PARTICIPANT_STATUS: Shape = Shape { bytes: 56, fields: &[] };
impl Shaped for super::ParticipantStatus { fn shape() -> &'static Shape { &PARTICIPANT_STATUS } }
const _: () = assert!(::core::mem::size_of::<super::ParticipantStatus>() <= 56);
pub static PARTICIPANT_STATUS_SET: Shape = Shape { bytes: 56, fields: &[] };
impl Shaped for super::ParticipantStatusSet { fn shape() -> &'static Shape { &PARTICIPANT_STATUS_SET } }
const _: () = assert!(::core::mem::size_of::<super::ParticipantStatusSet>() <= 56);
pub static PAUSE: Shape = Shape { bytes: 80, fields: &[] };
impl Shaped for super::Pause { fn shape() -> &'static Shape { &PAUSE } }
const _: () = assert!(::core::mem::size_of::<super::Pause>() <= 80);
pub static PAYMENT_PROMISE: Shape = Shape { bytes: 56, fields: &[] };
impl Shaped for super::PaymentPromise { fn shape() -> &'static Shape { &PAYMENT_PROMISE } }
const _: () = assert!(::core::mem::size_of::<super::PaymentPromise>() <= 56);
pub static PAYMENT_RETRIES: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::PaymentRetries { fn shape() -> &'static Shape { &PAYMENT_RETRIES } }
const _: () = assert!(::core::mem::size_of::<super::PaymentRetries>() <= 8);
pub static PERMIT: Shape = Shape { bytes: 248, fields: &[] };
impl Shaped for super::Permit { fn shape() -> &'static Shape { &PERMIT } }
const _: () = assert!(::core::mem::size_of::<super::Permit>() <= 248);
pub static POSITION: Shape = Shape { bytes: 16, fields: &[] };
impl Shaped for super::Position { fn shape() -> &'static Shape { &POSITION } }
const _: () = assert!(::core::mem::size_of::<super::Position>() <= 16);
pub static POSTED: Shape = Shape { bytes: 232, fields: &[] };
impl Shaped for super::Posted { fn shape() -> &'static Shape { &POSTED } }
const _: () = assert!(::core::mem::size_of::<super::Posted>() <= 232);
pub static PREFERENCE_SET: Shape = Shape { bytes: 152, fields: &[(2, Field::Message(&DEBTOR_PREFERENCES))] };
impl Shaped for super::PreferenceSet { fn shape() -> &'static Shape { &PREFERENCE_SET } }
const _: () = assert!(::core::mem::size_of::<super::PreferenceSet>() <= 152);
pub static PRODUCT: Shape = Shape { bytes: 232, fields: &[(2, Field::Message(&PRODUCT_TERMS))] };
impl Shaped for super::Product { fn shape() -> &'static Shape { &PRODUCT } }
const _: () = assert!(::core::mem::size_of::<super::Product>() <= 232);
pub static PRODUCT_PUBLISH: Shape = Shape { bytes: 200, fields: &[(1, Field::Message(&PRODUCT_TERMS))] };
impl Shaped for super::ProductPublish { fn shape() -> &'static Shape { &PRODUCT_PUBLISH } }
const _: () = assert!(::core::mem::size_of::<super::ProductPublish>() <= 200);
pub static PRODUCT_PUBLISHED: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::ProductPublished { fn shape() -> &'static Shape { &PRODUCT_PUBLISHED } }
const _: () = assert!(::core::mem::size_of::<super::ProductPublished>() <= 32);
pub static PRODUCT_TERMS: Shape = Shape { bytes: 192, fields: &[(10, Field::Messages(&FEE_TERM)), (11, Field::Numbers(4)), (13, Field::Message(&DELINQUENCY_POLICY))] };
impl Shaped for super::ProductTerms { fn shape() -> &'static Shape { &PRODUCT_TERMS } }
const _: () = assert!(::core::mem::size_of::<super::ProductTerms>() <= 192);
pub static PROMISE_ENDED: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::PromiseEnded { fn shape() -> &'static Shape { &PROMISE_ENDED } }
const _: () = assert!(::core::mem::size_of::<super::PromiseEnded>() <= 48);
pub static PROMISE_TO_PAY: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::PromiseToPay { fn shape() -> &'static Shape { &PROMISE_TO_PAY } }
const _: () = assert!(::core::mem::size_of::<super::PromiseToPay>() <= 48);
pub static PROPOSAL: Shape = Shape { bytes: 288, fields: &[(2, Field::Message(&CHANGE)), (5, Field::Strings(32))] };
impl Shaped for super::Proposal { fn shape() -> &'static Shape { &PROPOSAL } }
const _: () = assert!(::core::mem::size_of::<super::Proposal>() <= 288);
pub static PROPOSAL_STEPPED: Shape = Shape { bytes: 128, fields: &[] };
impl Shaped for super::ProposalStepped { fn shape() -> &'static Shape { &PROPOSAL_STEPPED } }
const _: () = assert!(::core::mem::size_of::<super::ProposalStepped>() <= 128);
pub static PROPOSE: Shape = Shape { bytes: 216, fields: &[(1, Field::Message(&CHANGE))] };
impl Shaped for super::Propose { fn shape() -> &'static Shape { &PROPOSE } }
const _: () = assert!(::core::mem::size_of::<super::Propose>() <= 216);
pub static PROTECTION_CHANGED: Shape = Shape { bytes: 168, fields: &[] };
impl Shaped for super::ProtectionChanged { fn shape() -> &'static Shape { &PROTECTION_CHANGED } }
const _: () = assert!(::core::mem::size_of::<super::ProtectionChanged>() <= 168);
pub static PROTECTION_IN_FORCE: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::ProtectionInForce { fn shape() -> &'static Shape { &PROTECTION_IN_FORCE } }
const _: () = assert!(::core::mem::size_of::<super::ProtectionInForce>() <= 120);
pub static PROTECTION_SET: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::ProtectionSet { fn shape() -> &'static Shape { &PROTECTION_SET } }
const _: () = assert!(::core::mem::size_of::<super::ProtectionSet>() <= 120);
pub static PROTECTION_SUSPENDS: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::ProtectionSuspends { fn shape() -> &'static Shape { &PROTECTION_SUSPENDS } }
const _: () = assert!(::core::mem::size_of::<super::ProtectionSuspends>() <= 72);
pub static QUIET_HOURS: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::QuietHours { fn shape() -> &'static Shape { &QUIET_HOURS } }
const _: () = assert!(::core::mem::size_of::<super::QuietHours>() <= 24);
pub static RE_AGE: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::ReAge { fn shape() -> &'static Shape { &RE_AGE } }
const _: () = assert!(::core::mem::size_of::<super::ReAge>() <= 8);
pub static RE_AMORTISATION: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::ReAmortisation { fn shape() -> &'static Shape { &RE_AMORTISATION } }
const _: () = assert!(::core::mem::size_of::<super::ReAmortisation>() <= 24);
pub static READER_STATEMENT: Shape = Shape { bytes: 144, fields: &[] };
impl Shaped for super::ReaderStatement { fn shape() -> &'static Shape { &READER_STATEMENT } }
const _: () = assert!(::core::mem::size_of::<super::ReaderStatement>() <= 144);
pub static READER_TOKEN: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::ReaderToken { fn shape() -> &'static Shape { &READER_TOKEN } }
const _: () = assert!(::core::mem::size_of::<super::ReaderToken>() <= 64);
pub static RECEIPT: Shape = Shape { bytes: 608, fields: &[(1, Field::Message(&TRANSACTION_RESULT)), (2, Field::Message(&LIST_PROOF)), (3, Field::Message(&FINALITY_PROOF))] };
impl Shaped for super::Receipt { fn shape() -> &'static Shape { &RECEIPT } }
const _: () = assert!(::core::mem::size_of::<super::Receipt>() <= 608);
pub static RECORD_READ: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::RecordRead { fn shape() -> &'static Shape { &RECORD_READ } }
const _: () = assert!(::core::mem::size_of::<super::RecordRead>() <= 120);
pub static REDEEM: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::Redeem { fn shape() -> &'static Shape { &REDEEM } }
const _: () = assert!(::core::mem::size_of::<super::Redeem>() <= 88);
pub static REFUND: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::Refund { fn shape() -> &'static Shape { &REFUND } }
const _: () = assert!(::core::mem::size_of::<super::Refund>() <= 72);
pub static REFUND_RIGHT: Shape = Shape { bytes: 112, fields: &[] };
impl Shaped for super::RefundRight { fn shape() -> &'static Shape { &REFUND_RIGHT } }
const _: () = assert!(::core::mem::size_of::<super::RefundRight>() <= 112);
pub static REPAYMENT_APPLY: Shape = Shape { bytes: 72, fields: &[] };
impl Shaped for super::RepaymentApply { fn shape() -> &'static Shape { &REPAYMENT_APPLY } }
const _: () = assert!(::core::mem::size_of::<super::RepaymentApply>() <= 72);
pub static REPAYMENT_PLAN: Shape = Shape { bytes: 56, fields: &[(2, Field::Messages(&INSTALMENT))] };
impl Shaped for super::RepaymentPlan { fn shape() -> &'static Shape { &REPAYMENT_PLAN } }
const _: () = assert!(::core::mem::size_of::<super::RepaymentPlan>() <= 56);
pub static RESIDENCE: Shape = Shape { bytes: 96, fields: &[(3, Field::Strings(24))] };
impl Shaped for super::Residence { fn shape() -> &'static Shape { &RESIDENCE } }
const _: () = assert!(::core::mem::size_of::<super::Residence>() <= 96);
pub static RESIDENCE_CHANGED: Shape = Shape { bytes: 136, fields: &[(2, Field::Message(&RESIDENCE))] };
impl Shaped for super::ResidenceChanged { fn shape() -> &'static Shape { &RESIDENCE_CHANGED } }
const _: () = assert!(::core::mem::size_of::<super::ResidenceChanged>() <= 136);
pub static RESIDENCE_SET: Shape = Shape { bytes: 136, fields: &[(2, Field::Message(&RESIDENCE))] };
impl Shaped for super::ResidenceSet { fn shape() -> &'static Shape { &RESIDENCE_SET } }
const _: () = assert!(::core::mem::size_of::<super::ResidenceSet>() <= 136);
pub static RETENTION: Shape = Shape { bytes: 8, fields: &[] };
impl Shaped for super::Retention { fn shape() -> &'static Shape { &RETENTION } }
const _: () = assert!(::core::mem::size_of::<super::Retention>() <= 8);
pub static RULE_HOLDS: Shape = Shape { bytes: 0, fields: &[] };
impl Shaped for super::RuleHolds { fn shape() -> &'static Shape { &RULE_HOLDS } }
const _: () = assert!(::core::mem::size_of::<super::RuleHolds>() <= 0);
pub static RULE_PACK: Shape = Shape { bytes: 224, fields: &[(5, Field::Message(&PACK_APPLIES)), (6, Field::Messages(&PACK_RULE))] };
impl Shaped for super::RulePack { fn shape() -> &'static Shape { &RULE_PACK } }
const _: () = assert!(::core::mem::size_of::<super::RulePack>() <= 224);
pub static RULE_PACK_ACTIVATE: Shape = Shape { bytes: 64, fields: &[] };
impl Shaped for super::RulePackActivate { fn shape() -> &'static Shape { &RULE_PACK_ACTIVATE } }
const _: () = assert!(::core::mem::size_of::<super::RulePackActivate>() <= 64);
pub static RULE_PACK_RECORD: Shape = Shape { bytes: 120, fields: &[] };
impl Shaped for super::RulePackRecord { fn shape() -> &'static Shape { &RULE_PACK_RECORD } }
const _: () = assert!(::core::mem::size_of::<super::RulePackRecord>() <= 120);
pub static RULE_PACK_RETIRE: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::RulePackRetire { fn shape() -> &'static Shape { &RULE_PACK_RETIRE } }
const _: () = assert!(::core::mem::size_of::<super::RulePackRetire>() <= 24);
pub static RULE_PACK_SET: Shape = Shape { bytes: 104, fields: &[] };
impl Shaped for super::RulePackSet { fn shape() -> &'static Shape { &RULE_PACK_SET } }
const _: () = assert!(::core::mem::size_of::<super::RulePackSet>() <= 104);
pub static RULE_STOPS: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::RuleStops { fn shape() -> &'static Shape { &RULE_STOPS } }
const _: () = assert!(::core::mem::size_of::<super::RuleStops>() <= 32);
pub static SET_CHANGE: Shape = Shape { bytes: 488, fields: &[(2, Field::Message(&CERTIFICATE)), (3, Field::Message(&VALIDATOR_SET))] };
impl Shaped for super::SetChange { fn shape() -> &'static Shape { &SET_CHANGE } }
const _: () = assert!(::core::mem::size_of::<super::SetChange>() <= 488);
pub static SETTLEMENT_OFFER: Shape = Shape { bytes: 24, fields: &[] };
impl Shaped for super::SettlementOffer { fn shape() -> &'static Shape { &SETTLEMENT_OFFER } }
const _: () = assert!(::core::mem::size_of::<super::SettlementOffer>() <= 24);
pub static SIGNED_TRANSACTION: Shape = Shape { bytes: 56, fields: &[(2, Field::Strings(32))] };
impl Shaped for super::SignedTransaction { fn shape() -> &'static Shape { &SIGNED_TRANSACTION } }
const _: () = assert!(::core::mem::size_of::<super::SignedTransaction>() <= 56);
pub static SPENDING: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::Spending { fn shape() -> &'static Shape { &SPENDING } }
const _: () = assert!(::core::mem::size_of::<super::Spending>() <= 32);
pub static STRATEGY: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::Strategy { fn shape() -> &'static Shape { &STRATEGY } }
const _: () = assert!(::core::mem::size_of::<super::Strategy>() <= 40);
pub static TALLY_RING: Shape = Shape { bytes: 56, fields: &[(2, Field::Numbers(8)), (3, Field::Numbers(8))] };
impl Shaped for super::TallyRing { fn shape() -> &'static Shape { &TALLY_RING } }
const _: () = assert!(::core::mem::size_of::<super::TallyRing>() <= 56);
pub static THIRD_PARTY_CONDITIONS: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::ThirdPartyConditions { fn shape() -> &'static Shape { &THIRD_PARTY_CONDITIONS } }
const _: () = assert!(::core::mem::size_of::<super::ThirdPartyConditions>() <= 40);
pub static TIER: Shape = Shape { bytes: 48, fields: &[(2, Field::Messages(&TIER_LIMIT))] };
impl Shaped for super::Tier { fn shape() -> &'static Shape { &TIER } }
const _: () = assert!(::core::mem::size_of::<super::Tier>() <= 48);
pub static TIER_LIMIT: Shape = Shape { bytes: 48, fields: &[] };
impl Shaped for super::TierLimit { fn shape() -> &'static Shape { &TIER_LIMIT } }
const _: () = assert!(::core::mem::size_of::<super::TierLimit>() <= 48);
pub static TOMBSTONE: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::Tombstone { fn shape() -> &'static Shape { &TOMBSTONE } }
const _: () = assert!(::core::mem::size_of::<super::Tombstone>() <= 40);
pub static TRANSACTION_BODY: Shape = Shape { bytes: 360, fields: &[(1, Field::Strings(32)), (6, Field::Message(&OPERATION))] };
impl Shaped for super::TransactionBody { fn shape() -> &'static Shape { &TRANSACTION_BODY } }
const _: () = assert!(::core::mem::size_of::<super::TransactionBody>() <= 360);
pub static TRANSACTION_RESULT: Shape = Shape { bytes: 64, fields: &[(3, Field::Strings(24))] };
impl Shaped for super::TransactionResult { fn shape() -> &'static Shape { &TRANSACTION_RESULT } }
const _: () = assert!(::core::mem::size_of::<super::TransactionResult>() <= 64);
pub static TRANSFER: Shape = Shape { bytes: 168, fields: &[] };
impl Shaped for super::Transfer { fn shape() -> &'static Shape { &TRANSFER } }
const _: () = assert!(::core::mem::size_of::<super::Transfer>() <= 168);
pub static VALIDATOR: Shape = Shape { bytes: 128, fields: &[] };
impl Shaped for super::Validator { fn shape() -> &'static Shape { &VALIDATOR } }
const _: () = assert!(::core::mem::size_of::<super::Validator>() <= 128);
pub static VALIDATOR_SCHEDULE: Shape = Shape { bytes: 64, fields: &[(1, Field::Message(&VALIDATOR_SET)), (2, Field::Message(&VALIDATOR_SET))] };
impl Shaped for super::ValidatorSchedule { fn shape() -> &'static Shape { &VALIDATOR_SCHEDULE } }
const _: () = assert!(::core::mem::size_of::<super::ValidatorSchedule>() <= 64);
pub static VALIDATOR_SET: Shape = Shape { bytes: 24, fields: &[(1, Field::Messages(&VALIDATOR))] };
impl Shaped for super::ValidatorSet { fn shape() -> &'static Shape { &VALIDATOR_SET } }
const _: () = assert!(::core::mem::size_of::<super::ValidatorSet>() <= 24);
pub static VALIDATOR_SET_CHANGE: Shape = Shape { bytes: 48, fields: &[(1, Field::Messages(&VALIDATOR)), (2, Field::Strings(32))] };
impl Shaped for super::ValidatorSetChange { fn shape() -> &'static Shape { &VALIDATOR_SET_CHANGE } }
const _: () = assert!(::core::mem::size_of::<super::ValidatorSetChange>() <= 48);
pub static VALIDATORS_SCHEDULED: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::ValidatorsScheduled { fn shape() -> &'static Shape { &VALIDATORS_SCHEDULED } }
const _: () = assert!(::core::mem::size_of::<super::ValidatorsScheduled>() <= 40);
pub static VETO: Shape = Shape { bytes: 40, fields: &[] };
impl Shaped for super::Veto { fn shape() -> &'static Shape { &VETO } }
const _: () = assert!(::core::mem::size_of::<super::Veto>() <= 40);
pub static VOTE: Shape = Shape { bytes: 88, fields: &[] };
impl Shaped for super::Vote { fn shape() -> &'static Shape { &VOTE } }
const _: () = assert!(::core::mem::size_of::<super::Vote>() <= 88);
pub static WITHDRAW: Shape = Shape { bytes: 32, fields: &[] };
impl Shaped for super::Withdraw { fn shape() -> &'static Shape { &WITHDRAW } }
const _: () = assert!(::core::mem::size_of::<super::Withdraw>() <= 32);
