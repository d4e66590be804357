"""A month, a drift and a seed in; LendingClub-shaped loans, the same for the same three, out."""

import argparse
import csv
import math
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, TextIO

from .cleaning import month_name

Row = dict[str, Any]

# Purpose: its share of loans, how that share changes at full drift, and what it adds to the log-odds of a charge-off.
_PURPOSES = {
    "debt_consolidation": (55.0, -27.0, 0.08),
    "credit_card": (22.0, -12.0, -0.10),
    "home_improvement": (6.5, 0.0, 0.02),
    "other": (6.0, 6.0, 0.12),
    "major_purchase": (2.5, 0.0, 0.00),
    "medical": (1.5, 12.0, 0.22),
    "small_business": (1.5, 15.0, 0.75),
    "car": (1.2, 0.0, -0.20),
    "moving": (0.8, 5.0, 0.25),
    "house": (0.7, 0.0, 0.15),
    "vacation": (0.7, 0.0, 0.10),
}
_TITLES = {"debt_consolidation": "Debt consolidation", "credit_card": "Credit card refinancing"}
_STATES = "CA CA CA CA TX TX TX NY NY NY FL FL FL IL IL NJ NJ PA OH GA VA NC MI AZ MD WA MA CO".split()
_JOBS = ("Teacher", "Manager", "Registered Nurse", "Driver", "Owner", "Sales", "Engineer", "", "Supervisor", "Clerk")
_EMPLOYED = ("< 1 year", *(f"{n} year{'s' * (n > 1)}" for n in range(1, 10)), "10+ years", "")
_EMPLOYED_WEIGHTS = tuple(accumulate((8, 7, 9, 8, 6, 6, 5, 4, 4, 4, 33, 6)))
_HOMES = ("MORTGAGE", "RENT", "OWN", "ANY")
_VERIFIED = ("Not Verified", "Source Verified", "Verified")
_BASE_RATE = (6.5, 10.0, 13.5, 17.5, 22.0, 26.0, 29.5)
_UNSETTLED = ("Current", "Current", "Current", "In Grace Period", "Late (16-30 days)", "Late (31-120 days)")
_UNSETTLED_SHARE = 0.04


def month(rows: int, start: str, drift: float, seed: int) -> Iterator[Row]:
    """`rows` loans granted in `start` ("2024-01"), under LendingClub's column names.

    `drift` from 0 to 1 moves incomes down, rates, debts and risky purposes up, and changes what makes a loan fail.
    """
    if not 0 <= drift <= 1:
        raise ValueError(f"drift {drift} is not between 0 and 1")
    year, number = (int(part) for part in start.split("-"))
    granted = year * 12 + number - 1
    random = Random(f"{start} {seed}")  # noqa: S311 - repeatable on purpose, and nobody's secret
    weights = tuple(accumulate(max(0.2, share + change * drift) for share, change, _ in _PURPOSES.values()))
    for place in range(rows):
        loan = _loan(random, drift, weights, granted)
        yield _with_outcome(random, loan, drift, granted, 100_000_000 + granted * 10_000 + place)


def write_csv(path: Path, rows: int, start: str, drift: float = 0.0, seed: int = 0) -> None:
    """Write one month to `path`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        _write(file, month(rows, start, drift, seed))


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train every candidate: four months of 300 loans."""
    for number in range(1, 5):
        write_csv(folder / f"loans-{number}.csv", 300, f"2024-{number:02d}", seed=number)


def _loan(random: Random, drift: float, weights: tuple[float, ...], granted: int) -> Row:
    """What is known when the loan is asked for."""
    normal, uniform, chance = random.gauss, random.random, random.expovariate
    (purpose,) = random.choices(tuple(_PURPOSES), cum_weights=weights)
    income = round(math.exp(normal(11.1 - 0.45 * drift, 0.5)), -2 if uniform() < 0.3 else -3)
    fico = min(845, 660 + 5 * int(chance(0.14)))
    dti = round(min(60.0, abs(normal(17.5 + 9.0 * drift, 8.0))), 2)
    utilisation = min(120.0, max(0.0, normal(56.0 - 0.35 * (fico - 690), 22.0)))
    amount = min(40_000, max(1_000, round(income * abs(normal(0.2, 0.1)) / 25) * 25))
    inquiries = int(chance(1.5 - 0.5 * drift))
    delinquent = int(chance(1.9))
    home = _HOMES[min(3, int(uniform() ** 1.2 * 2.2) if uniform() < 0.9 else 2)]
    risk = (
        (710 - fico) / 32 + (dti - 18) / 14 + (utilisation - 50) / 45 + 0.5 * inquiries + 0.3 * delinquent
        - 0.6 * math.log(income / 65_000) + normal(0.0, 0.9)
    )  # fmt: skip
    grade = min(6, max(0, int(risk * 0.62 + 1.9)))
    sub, term = random.randrange(5), 60 if uniform() < 0.12 + 0.5 * amount / 40_000 else 36
    rate = round(_BASE_RATE[grade] + 0.6 * sub + 3.5 * drift, 2)
    monthly = rate / 1200
    asked = {
        "loan_amnt": amount,
        "funded_amnt": amount,
        "term": f" {term} months",
        "int_rate": f" {rate:.2f}%",
        "installment": round(amount * monthly / (1 - (1 + monthly) ** -term), 2),
        "grade": "ABCDEFG"[grade],
        "sub_grade": f"{'ABCDEFG'[grade]}{sub + 1}",
        "emp_title": random.choice(_JOBS),
        "emp_length": random.choices(_EMPLOYED, cum_weights=_EMPLOYED_WEIGHTS)[0],
        "home_ownership": home,
        "annual_inc": income,
        "verification_status": random.choice(_VERIFIED),
        "purpose": purpose,
        "title": _TITLES.get(purpose, purpose.replace("_", " ").capitalize()),
        "zip_code": f"{random.randrange(10, 999):03d}xx",
        "addr_state": random.choice(_STATES),
        "dti": "" if uniform() < 0.002 else dti,
        "fico_range_low": fico,
        "fico_range_high": fico + 4,
        "inq_last_6mths": inquiries,
        "revol_bal": int(income * utilisation / 100 * abs(normal(0.45, 0.2))),
        "revol_util": "" if uniform() < 0.004 else f"{utilisation:.1f}%",
        "application_type": "Joint App" if uniform() < 0.06 else "Individual",
    }
    return asked | _credit_file(random, drift, granted, delinquent, home)


def _credit_file(random: Random, drift: float, granted: int, delinquent: int, home: str) -> Row:
    """What the bureau knows of the borrower's other accounts."""
    uniform, chance, gamma = random.random, random.expovariate, random.gammavariate
    accounts = 1 + int(gamma(4.5, 2.4))
    return {
        "delinq_2yrs": delinquent,
        "earliest_cr_line": month_name(granted - 36 - int(gamma(4.0, 40.0))),
        "mths_since_last_delinq": _since_delinquency(random, delinquent),
        "open_acc": accounts,
        "pub_rec": int(chance(2.2)),
        "total_acc": accounts + int(gamma(3.0, 4.0)),
        "mort_acc": "" if uniform() < 0.03 else int(chance(0.55 if home == "MORTGAGE" else 2.0)),
        "acc_open_past_24mths": "" if uniform() < 0.03 else int(gamma(2.2, 1.9 + 1.2 * drift)),
    }


def _since_delinquency(random: Random, delinquent: int) -> int | str:
    if delinquent:
        return random.randrange(1, 24)
    return random.randrange(24, 82) if random.random() < 0.35 else ""


def _log_odds(loan: Row, drift: float) -> float:
    """How likely the loan is to fail; part of it only shows in combinations, and drift shifts the weights."""
    rate = float(loan["int_rate"].strip(" %"))
    income, dti, recent = loan["annual_inc"], loan["dti"] or 18.0, loan["acc_open_past_24mths"] or 0
    burden = 12 * loan["installment"] / income
    renter, owner = loan["home_ownership"] == "RENT", loan["home_ownership"] == "MORTGAGE"
    lengthy = loan["term"] == " 60 months"
    steady = -2.4 + 0.45 * lengthy - 0.45 * math.log(income / 65_000) + 0.12 * loan["inq_last_6mths"]
    usual = 0.12 * (rate - 13) + 0.3 * renter
    combined = 1.1 * (lengthy and burden > 0.1) + 1.0 * (renter and dti > 20) + 0.9 * (rate > 17 and burden > 0.08)
    changed = 0.09 * (dti - 22) + 0.2 * (recent - 4) + 0.8 * owner - 1.1 * lengthy
    purpose = _PURPOSES[loan["purpose"]][2]
    return float(steady + purpose + (usual + combined) * (1 - drift) + changed * drift)


def _with_outcome(random: Random, loan: Row, drift: float, granted: int, number: int) -> Row:
    """The loan with its status, and with what becomes known only afterwards."""
    failed = random.random() < 1 / (1 + math.exp(-_log_odds(loan, drift)))
    settled = random.random() >= _UNSETTLED_SHARE
    status = ("Charged Off" if failed else "Fully Paid") if settled else random.choice(_UNSETTLED)
    amount, fico = loan["loan_amnt"], loan["fico_range_low"]
    paid = amount * (random.uniform(0.1, 0.7) if failed else random.uniform(1.02, 1.3))
    last = max(300, fico - random.randrange(40, 160)) if failed else min(845, fico + random.randrange(-20, 40))
    return {
        "id": number,
        "member_id": "",
        **loan,
        "issue_d": month_name(granted),
        "loan_status": status,
        "pymnt_plan": "n",
        "url": f"https://lendingclub.com/browse/loanDetail.action?loan_id={number}",
        "desc": "",
        "out_prncp": 0.0 if settled else round(amount * random.uniform(0.1, 0.9), 2),
        "total_pymnt": round(paid, 2),
        "recoveries": round(amount * random.uniform(0, 0.15), 2) if failed and settled else 0.0,
        "last_pymnt_d": month_name(granted + random.randrange(3, 36)),
        "last_pymnt_amnt": round(loan["installment"] if failed else paid * random.uniform(0.02, 0.6), 2),
        "last_fico_range_high": last + 4,
        "last_fico_range_low": last,
        "policy_code": 1,
        "hardship_flag": "N",
        "debt_settlement_flag": "Y" if failed and random.random() < 0.1 else "N",
    }  # fmt: skip


def _write(file: TextIO, loans: Iterator[Row]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    for place, loan in enumerate(loans):
        if not place:
            writer.writerow(loan)
        writer.writerow(loan.values())


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads.loan_default.generator", description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--month", default="2024-01", help="the month in which the loans are granted, as 2024-01")
    parser.add_argument("--drift", type=float, default=0.0, help="0 (none) to 1")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    _write(sys.stdout, month(chosen.rows, chosen.month, chosen.drift, chosen.seed))


if __name__ == "__main__":
    _main()
