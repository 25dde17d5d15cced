"""Approvals: what may be asked for, who decides in which order, and what a department may spend."""

from config.handbook.approvals.book import Approvals as Approvals
from config.handbook.approvals.budgets import Allowance as Allowance
from config.handbook.approvals.budgets import Budget as Budget
from config.handbook.approvals.budgets import Budgets as Budgets
from config.handbook.approvals.conditions import Condition as Condition
from config.handbook.approvals.conditions import Fact as Fact
from config.handbook.approvals.faults import faults as faults
from config.handbook.approvals.fields import FormField as FormField
from config.handbook.approvals.fitting import fitted as fitted
from config.handbook.approvals.frozen import Frozen as Frozen
from config.handbook.approvals.frozen import digest_of as digest_of
from config.handbook.approvals.selectors import Selector as Selector
from config.handbook.approvals.steps import Step as Step
from config.handbook.approvals.templates import Template as Template
