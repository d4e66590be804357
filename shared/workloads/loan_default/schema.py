"""What every LendingClub column is: a feature, the label, known only afterwards, personal, or not used."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "percent", "years", "months", "date", "category"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column that a client may send; numbers lie in [low, high], categories are coded from 1, 0 being unknown."""

    name: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    vocabulary: tuple[str, ...] = ()


def _number(name: str, high: float, low: float = 0.0) -> Field:
    return Field(name, "number", low, high)


def _category(name: str, *vocabulary: str) -> Field:
    return Field(name, "category", vocabulary=vocabulary)


_MONEY, _COUNT = 1e9, 1e4
_STATES = (
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT "
    "NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
)
_PURPOSES = (
    "car credit_card debt_consolidation educational home_improvement house major_purchase medical moving other "
    "renewable_energy small_business vacation wedding"
)

ISSUED = Field("issue_d", "date")
"""The month in which the loan was granted: what the split and the age of the credit history are counted from."""

HISTORY = Field("earliest_cr_line", "date")
"""The month of the first credit line; a model sees it as months before `ISSUED`."""

FEATURES = (
    _number("loan_amnt", _MONEY),
    Field("term", "months", 1, 600),
    Field("int_rate", "percent", 0, 100),
    _number("installment", _MONEY),
    _category("grade", *"ABCDEFG"),
    Field("emp_length", "years", 0, 80),
    _category("home_ownership", "RENT", "MORTGAGE", "OWN", "ANY", "NONE", "OTHER"),
    _number("annual_inc", _MONEY),
    _category("verification_status", "Not Verified", "Source Verified", "Verified"),
    _category("purpose", *_PURPOSES.split()),
    _category("addr_state", *_STATES.split()),
    Field("dti", "percent", -1, 1e4),
    _number("delinq_2yrs", _COUNT),
    HISTORY,
    _number("fico_range_low", 900, 300),
    _number("inq_last_6mths", _COUNT),
    _number("mths_since_last_delinq", _COUNT),
    _number("open_acc", _COUNT),
    _number("pub_rec", _COUNT),
    _number("revol_bal", _MONEY),
    Field("revol_util", "percent", 0, 1e4),
    _number("total_acc", _COUNT),
    _category("application_type", "Individual", "Joint App"),
    _number("mort_acc", _COUNT),
    _number("acc_open_past_24mths", _COUNT),
)
"""The columns of a model's matrix, in their order."""

FIELDS = (*FEATURES, ISSUED)
BY_NAME = {field.name: field for field in FIELDS}

LABEL = "loan_status"
_OFF_POLICY = "does not meet the credit policy. status:"
SETTLED = {
    "fully paid": 0,
    "charged off": 1,
    "default": 1,
    f"{_OFF_POLICY}fully paid": 0,
    f"{_OFF_POLICY}charged off": 1,
}
"""What a status that will not change any more says of the label; every other status is not a label yet."""

PERSONAL = frozenset("id member_id emp_title url desc title zip_code".split())

AFTERWARDS = frozenset(
    (
        "pymnt_plan out_prncp out_prncp_inv total_pymnt total_pymnt_inv total_rec_prncp total_rec_int "
        "total_rec_late_fee recoveries collection_recovery_fee last_pymnt_d last_pymnt_amnt next_pymnt_d "
        "last_credit_pull_d last_fico_range_high last_fico_range_low collections_12_mths_ex_med acc_now_delinq "
        "chargeoff_within_12_mths delinq_amnt num_tl_120dpd_2m num_tl_30dpd hardship_flag hardship_type "
        "hardship_reason hardship_status deferral_term hardship_amount hardship_start_date hardship_end_date "
        "payment_plan_start_date hardship_length hardship_dpd hardship_loan_status "
        "orig_projected_additional_accrued_interest hardship_payoff_balance_amount hardship_last_payment_amount "
        "debt_settlement_flag debt_settlement_flag_date settlement_status settlement_date settlement_amount "
        "settlement_percentage settlement_term"
    ).split()
)
"""Columns filled in once the loan runs: they give the label away."""

UNUSED = frozenset(
    (
        "funded_amnt funded_amnt_inv sub_grade fico_range_high mths_since_last_record initial_list_status "
        "mths_since_last_major_derog policy_code annual_inc_joint dti_joint verification_status_joint tot_coll_amt "
        "tot_cur_bal open_acc_6m open_act_il open_il_6m open_il_12m open_il_24m mths_since_rcnt_il total_bal_il "
        "il_util open_rv_12m open_rv_24m max_bal_bc all_util total_rev_hi_lim inq_fi total_cu_tl inq_last_12m "
        "avg_cur_bal bc_open_to_buy bc_util mo_sin_old_il_acct mo_sin_old_rev_tl_op mo_sin_rcnt_rev_tl_op "
        "mo_sin_rcnt_tl mths_since_recent_bc mths_since_recent_bc_dlq mths_since_recent_inq "
        "mths_since_recent_revol_delinq num_accts_ever_120_pd num_actv_bc_tl num_actv_rev_tl num_bc_sats num_bc_tl "
        "num_il_tl num_op_rev_tl num_rev_accts num_rev_tl_bal_gt_0 num_sats num_tl_90g_dpd_24m num_tl_op_past_12m "
        "pct_tl_nvr_dlq percent_bc_gt_75 pub_rec_bankruptcies tax_liens tot_hi_cred_lim total_bal_ex_mort "
        "total_bc_limit total_il_high_credit_limit revol_bal_joint sec_app_fico_range_low sec_app_fico_range_high "
        "sec_app_earliest_cr_line sec_app_inq_last_6mths sec_app_mort_acc sec_app_open_acc sec_app_revol_util "
        "sec_app_open_act_il sec_app_num_rev_accts sec_app_chargeoff_within_12_mths "
        "sec_app_collections_12_mths_ex_med sec_app_mths_since_last_major_derog disbursement_method"
    ).split()
)
"""Columns that say nothing the features do not say, or that most files leave empty."""

DROPPED = PERSONAL | AFTERWARDS | UNUSED | {LABEL}
