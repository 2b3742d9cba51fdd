//! Outcomes: what a block says happened to a transaction. Numbers are public API and never change.
//!
//! The order of the list is the order of the checks: where several would apply, the first one named
//! here is the outcome. Three classes:
//!
//! - `APPLIED`: it happened.
//! - *void* (1 to 9): the transaction could not be attributed to its author, or its time has passed, or
//!   its nonce is spent. Nothing changes, not even the nonce; the id has no final receipt from it.
//! - *rejected* (from 10): final. Nothing changes but the author's nonce, so the same bytes can never
//!   apply later.

use std::fmt;

macro_rules! outcomes {
    ($($number:literal $variant:ident $name:literal $help:literal;)*) => {
        /// What happened to a transaction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum Outcome {
            $(
                #[doc = $help]
                $variant = $number,
            )*
        }

        impl Outcome {
            /// All, in the order of their precedence.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its number.
            #[must_use]
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The outcome with this number.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name on the wire and in tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What was wrong and what to do.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self {
                    $(Self::$variant => $help,)*
                }
            }
        }
    };
}

outcomes! {
    0 Applied "APPLIED" "The operation was applied.";

    1 Expired "EXPIRED" "The transaction's expiry had passed. Build a new one.";
    2 ExpiryTooFar "EXPIRY_TOO_FAR" "The expiry is more than a day ahead. Use a nearer one.";
    3 AuthorUnknown "AUTHOR_UNKNOWN" "The author is not on the ledger. Check the id, or open the account first.";
    4 Unauthorised "UNAUTHORISED" "The signers do not meet the author's key policy. Sign with the current keys.";
    5 NonceBelowWindow "NONCE_BELOW_WINDOW" "The nonce is older than the author's window. Use a newer one.";
    6 NonceUsed "NONCE_USED" "The author has used this nonce. If it was this transaction, ask for its receipt.";
    7 NonceTooFar "NONCE_TOO_FAR" "The nonce is too far above the author's window. Use a nearer one.";

    10 SignatureMissing "SIGNATURE_MISSING" "A party whose consent is required has not signed.";
    11 SignatureNotNeeded "SIGNATURE_NOT_NEEDED" "A signer is no party to the operation. Leave it out.";
    12 NotPermitted "NOT_PERMITTED" "The author's role or relation does not allow this operation.";
    13 NotSandbox "NOT_SANDBOX" "Only a sandbox network may do this.";
    14 KeyRefused "KEY_REFUSED" "A key is not a canonical point of prime order. Make it with a standard tool.";
    15 TimeOutOfRange "TIME_OUT_OF_RANGE" "A time or height in the operation has passed or is too far ahead.";

    20 AccountUnknown "ACCOUNT_UNKNOWN" "An account named in the operation is not on the ledger.";
    21 AccountClosed "ACCOUNT_CLOSED" "An account named in the operation is closed.";
    22 AccountRestricted "ACCOUNT_RESTRICTED" "An account is restricted from this by its sponsor or an authority.";
    23 AccountExists "ACCOUNT_EXISTS" "An account with this id is already open.";
    24 AccountNotEmpty "ACCOUNT_NOT_EMPTY" "The account still has a balance, a hold or a loan.";
    25 TierUnknown "TIER_UNKNOWN" "Genesis defines no tier with this number.";
    26 SponsorSuspended "SPONSOR_SUSPENDED" "The sponsor of an account is not active: its licence has ended.";

    30 AssetUnknown "ASSET_UNKNOWN" "The network does not carry this asset.";
    31 LimitPerTransaction "LIMIT_PER_TRANSACTION" "The amount is above the tier's limit for one transaction.";
    32 LimitPerDay "LIMIT_PER_DAY" "The amount would exceed the tier's limit for the day.";
    33 LimitPerMonth "LIMIT_PER_MONTH" "The amount would exceed the tier's limit for the month.";
    34 InsufficientFunds "INSUFFICIENT_FUNDS" "The available balance is below the amount.";
    35 ReserveExceeded "RESERVE_EXCEEDED" "The bank's liabilities would exceed its reserve.";

    40 HoldUnknown "HOLD_UNKNOWN" "There is no such hold: it was resolved, or it expired.";
    41 CaptureAboveHold "CAPTURE_ABOVE_HOLD" "The capture is more than the hold.";
    42 NotRefundable "NOT_REFUNDABLE" "There is no refundable transfer with this id and leg, or its time has passed.";
    43 RefundAboveOriginal "REFUND_ABOVE_ORIGINAL" "The refunds together would exceed the original transfer.";
    44 HoldExists "HOLD_EXISTS" "A hold with this id is already open.";

    50 ValidatorUnknown "VALIDATOR_UNKNOWN" "A validator to remove is not in the set.";
    51 ChangeTooLarge "CHANGE_TOO_LARGE" "One change may touch at most one third of the voting power.";
    52 ChangePending "CHANGE_PENDING" "Another change of the validators is proposed for this height.";
    53 ValidatorsInvalid "VALIDATORS_INVALID" "The resulting set would be empty or too large, share a key or a name, or name an organisation that is not registered.";
    54 ParticipantUnknown "PARTICIPANT_UNKNOWN" "An organisation named in the operation is not on the ledger.";
    55 ParticipantExists "PARTICIPANT_EXISTS" "An organisation with this Legal Entity Identifier is registered already.";
    56 PackInvalid "PACK_INVALID" "The document is not the canonical form of this version of the pack, or the linter finds an error.";
    57 PackUnknown "PACK_UNKNOWN" "No rule pack with this id is in force.";
    58 PackVersion "PACK_VERSION" "The rule pack's version is not above the one that was in force.";
    59 PacksFull "PACKS_FULL" "The network carries as many rule packs as it can.";
    60 PolicyInvalid "POLICY_INVALID" "The policy asks for the approval of more organisations than run validators.";
    61 TiersFull "TIERS_FULL" "The network carries as many limit tiers as it can.";
    62 ProposalUnknown "PROPOSAL_UNKNOWN" "There is no such proposal: it took effect, failed, lapsed, was withdrawn or vetoed.";
    63 InitiatorApproves "INITIATOR_APPROVES" "An organisation cannot approve what it proposed itself.";
    64 AlreadyApproved "ALREADY_APPROVED" "The organisation has approved this proposal.";
    65 ProposalClosed "PROPOSAL_CLOSED" "The proposal has all approvals that it needs, or too few blocks are left before its effect.";
    66 ProposalsFull "PROPOSALS_FULL" "Too many proposals are open, in all or by this organisation. Withdraw one, or wait.";
    67 ProposalExists "PROPOSAL_EXISTS" "A proposal with this id is already open.";

    100 DebtorUnknown "DEBTOR_UNKNOWN" "The account is not registered as a debtor. Register it first.";
    101 DebtorExists "DEBTOR_EXISTS" "The account is registered as a debtor already.";
    102 NotAWallet "NOT_A_WALLET" "Only the holder of a wallet account can be a debtor.";
    103 DateGoesBack "DATE_GOES_BACK" "The business date would go back or stand still, or a date lies before it.";
    104 ProductUnknown "PRODUCT_UNKNOWN" "There is no such product of this lender. Publish it first.";
    105 AgreementUnknown "AGREEMENT_UNKNOWN" "There is no such agreement of this lender. Register it first.";
    106 IdTaken "ID_TAKEN" "A product, an agreement or a loan with this id is there already.";
    107 SharesNotWhole "SHARES_NOT_WHOLE" "The shares of the funders do not sum to 1,000,000 parts per million.";
    108 ShareBelowFloor "SHARE_BELOW_FLOOR" "The share of a funder is below the floor of the agreement.";
    110 LoanUnknown "LOAN_UNKNOWN" "There is no such loan.";
    111 LoanStatus "LOAN_STATUS" "The loan is not in a status that allows this.";
    112 TermsOutsideProduct "TERMS_OUTSIDE_PRODUCT" "The asset, principal, rate or schedule is not one that the product allows.";
    113 ScheduleInvalid "SCHEDULE_INVALID" "The schedule does not pay the principal off, or begins in the past.";
    114 AprAboveCap "APR_ABOVE_CAP" "The schedule costs more a year than the product's cap.";
    115 AgreementCapExceeded "AGREEMENT_CAP_EXCEEDED" "The loan is above a cap of the agreement.";
    116 TooManyLoans "TOO_MANY_LOANS" "The borrower has as many open loans as one may have.";
    117 RepaymentAboveDebt "REPAYMENT_ABOVE_DEBT" "The amount is more than is owed.";
    118 FeeForCollection "FEE_FOR_COLLECTION" "No fee is charged because of collection.";
    119 FeeUnknown "FEE_UNKNOWN" "The product's fee table has no such code for this ground.";
    120 FeeNotDue "FEE_NOT_DUE" "No instalment is late that has had no late fee yet.";
    121 FeeCapExceeded "FEE_CAP_EXCEEDED" "The fees of this code on the loan would exceed their cap.";
    122 InquiryNotAuthorised "INQUIRY_NOT_AUTHORISED" "The borrower has not authorised this lender's inquiry, or the right was used or has ended.";
    123 FeesPaused "FEES_PAUSED" "Fees on this loan are stopped by a protection, a dispute, a complaint or a modification.";
    124 TooManyPauses "TOO_MANY_PAUSES" "The loan has as many pauses as one may have, or one from this source.";
    125 NotLateEnough "NOT_LATE_ENOUGH" "The loan is not as many days past due as the product says.";
    126 LossSettled "LOSS_SETTLED" "The loss of this loan was shared already, or there is none.";
    127 BureauUnknown "BUREAU_UNKNOWN" "There is no such active credit bureau.";
    128 ReportNotTrue "REPORT_NOT_TRUE" "The report says something else than the ledger: kind or days past due.";
    129 ReportUnknown "REPORT_UNKNOWN" "There is no earlier report with this number.";
    130 FurnishingPaused "FURNISHING_PAUSED" "Reports on this loan are stopped by a protection, a dispute or a complaint.";

    150 CaseUnknown "CASE_UNKNOWN" "There is no such case.";
    151 CaseClosed "CASE_CLOSED" "The case was recalled.";
    152 CaseExists "CASE_EXISTS" "This collector has an open case with one of these loans already.";
    153 CaseOfAnother "CASE_OF_ANOTHER" "A loan or a case is of another lender, debtor or collector than the operation says.";
    154 NotACollector "NOT_A_COLLECTOR" "Only a collection agency, or the lender itself, collects.";
    155 CollectorNotLicensed "COLLECTOR_NOT_LICENSED" "The collector's licence has ended, or it is suspended.";
    156 NoticeRequired "NOTICE_REQUIRED" "The rules that are named demand a notice to the debtor first.";
    157 PermitUnknown "PERMIT_UNKNOWN" "There is no such permit, or it is of somebody else.";
    158 PermitClosed "PERMIT_CLOSED" "The permit is closed, or its time has passed.";
    159 OutsidePermit "OUTSIDE_PERMIT" "The time of the contact is not within the permit's window.";
    160 ResultUnfit "RESULT_UNFIT" "The result does not fit the channel or the party, or the recording is missing.";
    161 AmountAboveDebt "AMOUNT_ABOVE_DEBT" "The amount is more than is owed.";
    162 PromiseOpen "PROMISE_OPEN" "There is a promise on this loan already.";
    163 DisputeExists "DISPUTE_EXISTS" "The debt is disputed already.";
    164 DisputeUnknown "DISPUTE_UNKNOWN" "The debt is not disputed.";
    165 ProtectionExists "PROTECTION_EXISTS" "This protection is in force already.";
    166 ProtectionUnknown "PROTECTION_UNKNOWN" "This protection is not in force.";
    167 ProtectionTooLong "PROTECTION_TOO_LONG" "The rules that are named give the protection for a shorter time.";
    168 ProtectionTooSoon "PROTECTION_TOO_SOON" "By the rules that are named the debtor cannot have the protection again yet.";
    169 ComplaintUnknown "COMPLAINT_UNKNOWN" "There is no such open complaint.";
    170 TooManyOpen "TOO_MANY_OPEN" "As many are open as may be: cases, notices, permits, contact points, complaints, disputes or protections.";
    171 ContactRefused "CONTACT_REFUSED" "The rules that are named forbid the contact.";
    172 OverrideNeeded "OVERRIDE_NEEDED" "The rules that are named forbid the contact unless the lender signs for it with a reason.";
    173 FurnishingTooSoon "FURNISHING_TOO_SOON" "The rules that are named allow a report only after the debt was spoken about, or a notice of it was sent and waited for.";

    200 SubjectUnknown "SUBJECT_UNKNOWN" "A subject named in the operation is not on the ledger.";
    201 CredentialUnknown "CREDENTIAL_UNKNOWN" "The provider attests nothing of this account.";
    202 GrantUnknown "GRANT_UNKNOWN" "The account grants this organisation nothing.";
    203 EnvelopeUnknown "ENVELOPE_UNKNOWN" "The account has no envelope with this hash.";
    204 EnvelopeExists "ENVELOPE_EXISTS" "An envelope with this hash is on the ledger already.";
    205 AlreadyErased "ALREADY_ERASED" "This was said to be erased before.";
    206 LegalHoldInPlace "LEGAL_HOLD" "A legal hold forbids erasure. Ask who placed it.";
    207 LegalHoldUnknown "LEGAL_HOLD_UNKNOWN" "The organisation has placed no legal hold on this account.";
    208 LegalHoldExists "LEGAL_HOLD_EXISTS" "The organisation has placed a legal hold on this account already.";
    209 LegalHoldsFull "LEGAL_HOLDS_FULL" "The account has as many legal holds as it can.";
}

impl Outcome {
    /// Whether the operation happened.
    #[must_use]
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Applied)
    }

    /// Whether the entry has no effect at all and says nothing final about the transaction.
    #[must_use]
    pub const fn is_void(self) -> bool {
        matches!(self.number(), 1..=9)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_are_unique() {
        assert!(Outcome::ALL.is_sorted_by(|a, b| a.number() < b.number()));
        let names: std::collections::BTreeSet<_> =
            Outcome::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Outcome::ALL.len());
        for one in Outcome::ALL {
            assert_eq!(Outcome::from_number(one.number()), Some(*one));
        }
        assert_eq!(Outcome::from_number(8), None);
    }
}
