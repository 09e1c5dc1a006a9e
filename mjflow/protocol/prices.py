"""What things cost, as far as the sources tell; for estimates and brakes, not for accounting."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from attrs import Attribute, evolve, field, frozen

from mjflow.errors import InvalidInput
from mjflow.protocol.buttons import traits
from mjflow.protocol.requests import Mode


@frozen
class Price:
    """An amount of money, in US dollars."""

    amount: float
    #: False if any part of it is an estimate.
    known: bool = True

    def __add__(self, other: Price) -> Price:
        """Add up; the sum is known if both parts are."""
        return Price(self.amount + other.amount, self.known and other.known)

    def __mul__(self, factor: float) -> Price:
        """Multiply, by a number of tasks or the factor of a mode."""
        return Price(self.amount * factor, self.known)


def _checked(
    _: object, attribute: Attribute[Mapping[str, float]], value: Mapping[str, float]
) -> None:
    for name, amount in value.items():
        if not (isfinite(amount) and amount >= 0):
            raise InvalidInput(f"{attribute.name} of {name} must be a number >= 0, not {amount!r}")


@frozen(kw_only=True)
class Prices:
    """A price list; make your own with `DEFAULT.overridden({"UPSCALE": 0.02})`."""

    #: US dollars by the wire's word for the act.
    by_action: Mapping[str, float] = field(validator=_checked)
    #: What the mode multiplies a price by.  A mode that is not here has estimates only.
    by_mode: Mapping[Mode, float] = field(factory=dict, validator=_checked)
    #: US dollars that an act without a price is taken to cost.
    unknown: float = 0.1

    def price(self, action: str, mode: Mode | None = None) -> Price:
        """Return the price of an act by the wire's word for it, charged on acceptance."""
        amount = self.by_action.get(action)
        factor = 1.0 if mode is None else self.by_mode.get(mode)
        price = Price(self.unknown, False) if amount is None else Price(amount)
        return Price(price.amount, False) if factor is None else price * factor

    def price_of_click(
        self, button: str, mode: Mode | None = None, *, answered: bool = False
    ) -> Price:
        """
        Return the price of a click on a button, by canonical name or custom id.

        Args:
            answered: Add what the answer to its dialog costs.  A remix dialog is so paid twice;
                Vary (Region) and Custom Zoom are free to click (P§3.6).
        """
        does = traits(button)
        click = self.price(does.action, mode) * does.tasks
        return click + self.price("MODAL", mode) if answered else click

    def overridden(
        self, by_action: Mapping[str, float], by_mode: Mapping[Mode, float] | None = None
    ) -> Prices:
        """Return a list in which these prices and factors replace or join the present ones."""
        return evolve(
            self,
            by_action={**self.by_action, **by_action},
            by_mode={**self.by_mode, **(by_mode or {})},
        )


_DRAWN = 0.1
_SMALL = 0.05

#: The defaults of the new-api gateway, before a group's own ratio (P§3.6).
#
# They are those of paths without a prefix, which at a gateway is relax; what resellers take for
# fast and turbo, video and edits no source tells.
DEFAULT = Prices(
    by_action={
        **dict.fromkeys(("IMAGINE", "VARIATION", "REROLL", "BLEND", "MODAL", "SHORTEN"), _DRAWN),
        **dict.fromkeys(("ZOOM", "PAN", "HIGH_VARIATION", "LOW_VARIATION"), _DRAWN),
        **dict.fromkeys(("UPSCALE", "DESCRIBE", "SWAP_FACE", "UPLOAD"), _SMALL),
        **dict.fromkeys(("INPAINT", "CUSTOM_ZOOM"), 0.0),
    },
    by_mode={Mode.RELAX: 1.0},
)
