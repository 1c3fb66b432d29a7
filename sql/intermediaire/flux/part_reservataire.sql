-- Part de chaque réservataire dans le flux (ligne i) ; avec plusieurs territoires, moyenne pondérée par leur
-- parc soumis.
-- Grain : un réservataire.
-- Clé : code_reservataire
select
    code_reservataire,
    sum(c) as nb_soumis,
    case
        when count(i) < count(*) then null
        when count(*) = 1 then any_value(i)
        else produit(cumul(list(produit(fraction(c, 1), i))), fraction(1, sum(c)))
    end as part
from intermediaire.calcul_flux
where nature_bilan = 'reservataire'
group by code_reservataire
