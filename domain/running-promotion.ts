import { PromotionMissing } from './errors.ts';
import type { Registry } from './ports/registry.ts';
import type { Promotion } from './promotion.ts';

/** The promotion that a step works for. Throws PromotionMissing where there is none, or it has ended. */
export async function runningPromotion(registry: Pick<Registry, 'promotion'>, promotionId: string): Promise<Promotion> {
  const promotion = await registry.promotion(promotionId);
  if (!promotion) throw new PromotionMissing(`there is no promotion ${promotionId} in this environment`);
  if (promotion.status === 'promoted' || promotion.status === 'rejected') {
    throw new PromotionMissing(`promotion ${promotionId} has ended: it was ${promotion.status}`);
  }
  return promotion;
}
