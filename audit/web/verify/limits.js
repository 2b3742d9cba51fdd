/**
 * What the protocol bounds, as far as proofs are concerned: the figures of types/src/limits.rs and of the
 * command line. A test compares them with those files.
 */

/** Version that headers carry. */
export const PROTOCOL_VERSION = 1;
/** Largest proof file, bytes. */
export const PROOF_FILE_BYTES_MAX = 512 * 1024 * 1024;
/** Largest genesis document, bytes. */
export const GENESIS_BYTES_MAX = 4 * 1024 * 1024;
/** Largest state object, bytes. */
export const STATE_OBJECT_BYTES_MAX = 256 * 1024;
/** Largest signed transaction, bytes. */
export const TRANSACTION_BYTES_MAX = 16 * 1024;
/** Most signers of one transaction. */
export const SIGNERS_MAX = 64;
/** Most validators of a set, and signatures of a certificate. */
export const VALIDATORS_MAX = 128;
/** Largest voting power of one validator. */
export const VOTING_POWER_MAX = 1n << 32n;
/** Longest short name, bytes. */
export const NAME_BYTES_MAX = 32;
/** Most changes of the validator set in one proof. */
export const SET_CHANGES_MAX = 1024;
/** Deepest path in the tree over a list. */
export const LIST_DEPTH_MAX = 32;
/** Deepest path in the tree over the state. */
export const MAP_DEPTH_MAX = 256;
/** Most subjects of one audit. */
export const AUDIT_SUBJECTS_MAX = 1024;
/** Largest amount, minor units. */
export const AMOUNT_MAX = (1n << 63n) - 1n;
/** Messages in messages at most. */
export const MESSAGE_DEPTH_MAX = 100;
/** Most rule packs, tiers, assets and organisations of a genesis document. */
export const RULE_PACKS_MAX = 64;
export const TIERS_MAX = 32;
export const GENESIS_ASSETS_MAX = 64;
export const GENESIS_PARTICIPANTS_MAX = 1024;
/** Most digits after the decimal point of an asset. */
export const ASSET_DECIMALS_MAX = 8;

/** Entries of lists that a message may have beside one for so many of its bytes. */
export const LIST_ENTRIES_FREE = 65_536;
export const BYTES_PER_LIST_ENTRY = 16;

/** Lists that are counted while they are read, so that a small file cannot make a large one in memory. */
export const LIST_MAX = {
  'FinalityProof.setChanges': SET_CHANGES_MAX,
  'Certificate.signatures': VALIDATORS_MAX,
  'ValidatorSet.validators': VALIDATORS_MAX,
  'ListProof.siblings': LIST_DEPTH_MAX,
  'MapProof.siblings': MAP_DEPTH_MAX,
  'AuditBundle.periods': AUDIT_SUBJECTS_MAX,
  'SignedTransaction.signatures': SIGNERS_MAX,
  'TransactionBody.signers': SIGNERS_MAX,
};
